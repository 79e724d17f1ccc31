using System.Text.Json.Serialization;

namespace Shop.Host.Security;

/// <summary>New certificates under load, read from outside of every process.</summary>
/// <param name="Leaf">Consul lost the leaves it had issued, and issued others by the same root.</param>
/// <param name="Root">Consul's authority got a new key, and issued other leaves by it.</param>
internal sealed record RotationsReport(Rotation? Leaf, Rotation? Root)
{
    /// <summary>Requests of customers that failed meanwhile.</summary>
    public long Failed => (Leaf?.Failed ?? 0) + (Root?.Failed ?? 0);

    [JsonIgnore]
    public bool IsGood => Leaf is { IsGood: true } && Root is { IsGood: true };
}
