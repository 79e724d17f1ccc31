using System.Text.Json;

namespace Mesh.Consul;

/// <summary>The roots as Consul writes them.</summary>
internal sealed class ConnectRootsWire
{
    public string? TrustDomain { get; set; }

    public string? ActiveRootID { get; set; }

    public ConnectRootWire?[]? Roots { get; set; }

    /// <exception cref="JsonException">
    /// Nothing to trust is in it: an answer to be asked for again, never one to be believed.
    /// </exception>
    public static ConnectRoots ToModel(ConnectRootsWire? wire)
    {
        var roots = WireDefaults.List<ConnectRootWire, ConnectRoot>(wire?.Roots, static root => root.ToModel());
        return wire?.TrustDomain is { Length: > 0 } domain && roots.Length > 0
            ? new ConnectRoots(domain, wire.ActiveRootID ?? "", roots)
            : throw new JsonException("The roots have no trust domain, or there are none.");
    }
}
