namespace Mesh.Testing;

/// <summary>A request that an <see cref="HttpBackend"/> received.</summary>
public sealed class RecordedRequest
{
    private readonly RecordingStream _body;

    internal RecordedRequest(RecordingStream body) => _body = body;

    /// <summary>The method, for example <c>GET</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The path with the query, as sent: <c>/orders?id=1</c>.</summary>
    public required string Path { get; init; }

    /// <summary>The <c>Host</c> header or <c>:authority</c>.</summary>
    public required string Host { get; init; }

    /// <summary><c>http</c> or <c>https</c>, as the client said over HTTP/2, else as the connection is.</summary>
    public required string Scheme { get; init; }

    /// <summary><c>HTTP/1.1</c> or <c>HTTP/2</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>The same for every request that came over the same connection.</summary>
    public required string ConnectionId { get; init; }

    /// <summary>
    /// The headers; several values of one name are joined by commas. Names are compared without case.
    /// </summary>
    public required IReadOnlyDictionary<string, string> Headers { get; init; }

    /// <summary>
    /// What the answer has read of the body so far, up to <see cref="HttpBackendOptions.MaxRecordedBody"/>. Default
    /// answers read all of it before they answer.
    /// </summary>
    public byte[] Body => _body.Recorded();
}
