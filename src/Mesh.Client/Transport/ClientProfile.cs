using System.Net;

namespace Mesh.Client.Transport;

/// <summary>What the mesh honours of a client's own primary handler. Compared by value: equal profiles share connections.</summary>
internal sealed record ClientProfile
{
    /// <summary>What a client without special settings gets.</summary>
    public static ClientProfile Default { get; } = new();

    public DecompressionMethods Decompression { get; init; }

    /// <summary>In KiB, as <see cref="SocketsHttpHandler.MaxResponseHeadersLength"/>.</summary>
    public int MaxResponseHeadersLength { get; init; } = 64;

    /// <summary>The profile of these settings; the shared <see cref="Default"/> where it fits, which is found by reference.</summary>
    public static ClientProfile Of(DecompressionMethods decompression, int maxResponseHeadersLength)
    {
        var profile = new ClientProfile
        {
            Decompression = decompression,
            MaxResponseHeadersLength = maxResponseHeadersLength,
        };
        return profile == Default ? Default : profile;
    }
}
