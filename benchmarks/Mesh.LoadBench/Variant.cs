namespace Mesh.LoadBench;

/// <summary>One way to call, a client process of its own.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Baseline">Name of the variant it is compared with: the plain client of its protocol.</param>
internal sealed record Variant(
    string Name, string Baseline, bool UsesMesh, bool UsesHttp2, bool Telemetry = false, bool OnePort = false)
{
    public const string Http1 = "HttpClient, HTTP/1.1";
    public const string Http1Mesh = "mesh, HTTP/1.1";
    public const string Http1Telemetry = "HttpClient, HTTP/1.1, telemetry";
    public const string Http1MeshTelemetry = "mesh, HTTP/1.1, telemetry";
    public const string Http2 = "HttpClient, HTTP/2";
    public const string Http2Mesh = "mesh, HTTP/2";
    public const string Http2OnePort = "HttpClient, HTTP/2, one port";

    /// <summary>
    /// A plain client calls all four ports in turn, as the mesh does: on HTTP/2 a port is a connection, and one busy
    /// connection carries more than four. The last variant shows by how much.
    /// </summary>
    public static IReadOnlyList<Variant> All { get; } =
    [
        new(Http1, Http1, UsesMesh: false, UsesHttp2: false),
        new(Http1Mesh, Http1, UsesMesh: true, UsesHttp2: false),
        new(Http1Telemetry, Http1, UsesMesh: false, UsesHttp2: false, Telemetry: true),
        new(Http1MeshTelemetry, Http1, UsesMesh: true, UsesHttp2: false, Telemetry: true),
        new(Http2, Http2, UsesMesh: false, UsesHttp2: true),
        new(Http2Mesh, Http2, UsesMesh: true, UsesHttp2: true),
        new(Http2OnePort, Http2, UsesMesh: false, UsesHttp2: true, OnePort: true),
    ];
}
