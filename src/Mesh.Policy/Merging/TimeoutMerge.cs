namespace Mesh.Policy.Merging;

/// <summary>Lays a section <c>timeout</c> over a rule.</summary>
internal static class TimeoutMerge
{
    public static IReadOnlyList<string> Paths { get; } =
        ["/timeout/total", "/timeout/attempt", "/timeout/connect", "/timeout/handshake", "/timeout/idle"];

    public static TimeoutRule Apply(TimeoutRule below, TimeoutSection? section, Layer layer) => section is null
        ? below
        : new TimeoutRule
        {
            Total = layer.Limit("/timeout/total", section.Total, below.Total),
            Attempt = layer.Limit("/timeout/attempt", section.Attempt, below.Attempt),
            Connect = layer.Value("/timeout/connect", section.Connect, below.Connect),
            Handshake = layer.Value("/timeout/handshake", section.Handshake, below.Handshake),
            Idle = layer.Limit("/timeout/idle", section.Idle, below.Idle),
        };
}
