using Mesh.Policy;

namespace Mesh.ConfigServer.Tests.Support;

/// <summary>What processes tell of their doors.</summary>
internal static class Reports
{
    /// <summary>A process with an identity that has counted for <paramref name="hours"/>.</summary>
    public static ClientReport Door(
        string service, string instance, DateTimeOffset now, double hours,
        Func<InboundReport, InboundReport>? with = null)
    {
        var inbound = new InboundReport
        {
            Tls = "permissive",
            Intentions = "shadow",
            Identity = $"spiffe://mesh.example/ns/default/dc/dc1/svc/{service}",
            Since = now - TimeSpan.FromHours(hours),
            PlaintextSince = now - TimeSpan.FromHours(hours),
            At = now,
        };
        return new ClientReport
        {
            Instance = instance,
            Service = service,
            Library = "0.1.0",
            StartedAt = inbound.Since,
            Source = PolicySource.Desk,
            Inbound = with?.Invoke(inbound) ?? inbound,
        };
    }

    /// <summary>Somebody came in plaintext so many minutes ago.</summary>
    public static InboundReport WithPlaintext(
        this InboundReport inbound, string caller, long count, double minutes = 0) =>
        inbound with
        {
            Plaintext =
            [
                .. inbound.Plaintext,
                new PlaintextCallerReport(caller, count, inbound.At!.Value - TimeSpan.FromMinutes(minutes)),
            ],
        };

    /// <summary>A rule in shadow would have denied somebody so many minutes ago.</summary>
    public static InboundReport WithDenial(
        this InboundReport inbound, string caller, string rule, long count, double minutes = 0) => inbound with
        {
            WouldDeny =
            [
                .. inbound.WouldDeny,
                new WouldDenyReport(caller, rule, count, inbound.At!.Value - TimeSpan.FromMinutes(minutes)),
            ],
        };
}
