using Mesh.AspNetCore.Inspection.Views;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection;

/// <summary>Endpoints as views show them.</summary>
internal static class EndpointViews
{
    private const string MeshPrefix = "mesh-";

    public static EndpointView Of(EndpointSight sight, EffectivePolicy policy) => new()
    {
        Id = sight.Info.Id,
        Address = Address(sight.Info),
        Zone = sight.Info.Zone,
        Member = sight.Info.IsMember,
        Metadata = Metadata(sight.Info, policy),
        Tls = Tls(sight.Wire),
        Expected = sight.Wire.Expected?.ToString(),
        State = sight.State.Word(),
        Reason = sight.Reason,
        ForSeconds = Figures.Seconds(sight.For),
        LeftSeconds = Figures.Seconds(sight.Left),
        Ejections = sight.Ejections,
        Weight = sight.Info.Weight,
        SlowStart = Math.Round(sight.Share, 3),
        LatencyMs = sight.Latency is { } latency ? Figures.Milliseconds(latency) : null,
        PenaltyMs = Figures.Milliseconds(sight.Penalty),
        FailureShare = Math.Round(sight.FailureShare, 3),
        InFlight = sight.Endpoint.InFlight,
        Connections = sight.Endpoint.Connections,
    };

    public static string Tls(EndpointWire wire) => wire switch
    {
        { Refusal: not null } => "refused",
        { Expected: not null } => "mesh",
        _ => "plaintext",
    };

    public static string Address(EndpointInfo info) =>
        info.Host.Contains(':') ? $"[{info.Host}]:{info.Port}" : $"{info.Host}:{info.Port}";

    /// <summary>Whatever else somebody registered is not the mesh's to show.</summary>
    private static SortedDictionary<string, string> Metadata(EndpointInfo info, EffectivePolicy policy)
    {
        var shown = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (key, value) in info.Metadata)
        {
            if (key is MeshMetadata.Version or MeshMetadata.Zone
                || key.StartsWith(MeshPrefix, StringComparison.Ordinal)
                || policy.Subsets.Values.Any(s => s.Meta.ContainsKey(key)))
            {
                shown.Add(key, value);
            }
        }

        return shown;
    }
}
