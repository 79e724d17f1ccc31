using Mesh.LoadBench.Mtls.Roles;

namespace Mesh.LoadBench.Mtls;

/// <summary>One way from a client to the application: a row of the table.</summary>
/// <param name="Name">In tables.</param>
/// <param name="Wire">What is spoken, hop by hop.</param>
/// <param name="Setup">The client's; <see langword="null"/> when the row cannot be measured here.</param>
/// <param name="Absent">Why it cannot.</param>
internal sealed record MtlsRow(string Name, string Wire, MtlsClientSetup? Setup, string? Absent = null)
{
    public const string Bare = "bare, no TLS, HTTP/1.1";
    public const string BareMtls = "bare mTLS, HTTP/1.1";
    public const string BareMtls2 = "bare mTLS, HTTP/2";
    public const string Consul = "Consul proxy pair, HTTP/1.1";
    public const string Consul2 = "Consul proxy pair, HTTP/2";
    public const string Nginx = "nginx pair, HTTP/1.1";
    public const string Nginx2 = "nginx pair, HTTP/2 between";
    public const string Haproxy = "haproxy pair, HTTP/1.1";
    public const string HaproxyBetween = "haproxy pair, HTTP/2 between";
    public const string Haproxy2 = "haproxy pair, HTTP/2 all the way";
    public const string Mesh = "mesh mTLS, default protocol";
    public const string MeshFour = "mesh mTLS, four instances";

    public bool IsMeasured => Setup is not null;
}
