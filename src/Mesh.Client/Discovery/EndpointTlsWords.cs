namespace Mesh.Client.Discovery;

/// <summary>Reads what an endpoint's metadata says of how it is spoken to.</summary>
internal static class EndpointTlsWords
{
    private const string Http2 = "http2";
    private const string Strict = "strict";

    /// <summary>A word of a later version says that TLS is spoken, and no more.</summary>
    public static EndpointTls Parse(IReadOnlyDictionary<string, string> metadata) =>
        !metadata.TryGetValue(MeshMetadata.Tls, out var word) || string.IsNullOrWhiteSpace(word) ? EndpointTls.None
        : word.Trim().Equals(Strict, StringComparison.OrdinalIgnoreCase) ? EndpointTls.Strict
        : EndpointTls.Permissive;

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
