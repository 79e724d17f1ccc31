namespace Mesh.Client.Discovery;

/// <summary>What an endpoint's metadata says of how it is spoken to. The words are stable.</summary>
internal static class EndpointTlsWords
{
    private const string Http1 = "http1";
    private const string Http2 = "http2";
    private const string Permissive = "permissive";
    private const string Strict = "strict";

    /// <summary>The value of <see cref="MeshMetadata.Tls"/>; <see langword="null"/> when there is none to register.</summary>
    public static string? Word(EndpointTls tls) => tls switch
    {
        EndpointTls.Strict => Strict,
        EndpointTls.Permissive => Permissive,
        _ => null,
    };

    /// <summary>A word of a later version says that TLS is spoken, and no more.</summary>
    public static EndpointTls Parse(IReadOnlyDictionary<string, string> metadata) =>
        !metadata.TryGetValue(MeshMetadata.Tls, out var word) || string.IsNullOrWhiteSpace(word) ? EndpointTls.None
        : word.Trim().Equals(Strict, StringComparison.OrdinalIgnoreCase) ? EndpointTls.Strict
        : EndpointTls.Permissive;

    /// <summary>The value of <see cref="MeshMetadata.Protocols"/>; HTTP/1 where nothing else is known.</summary>
    public static string Protocols(bool http1, bool http2) => !http2 ? Http1 : http1 ? $"{Http1},{Http2}" : Http2;

    /// <summary>HTTP/2 is among the protocols.</summary>
    public static bool ListsHttp2(IReadOnlyDictionary<string, string> metadata)
    {
        if (!metadata.TryGetValue(MeshMetadata.Protocols, out var protocols))
        {
            return false;
        }

        foreach (var part in protocols.AsSpan().Split(','))
        {
            if (protocols.AsSpan(part).Trim().Equals(Http2, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
