using System.Text.Json.Serialization;
using Shop.Host.Security;

namespace Shop.Host;

/// <summary>The one JSON line at the end.</summary>
internal sealed record Report
{
    public required double Seconds { get; init; }

    public required string? Without { get; init; }

    public required long Requests { get; init; }

    public required long Scheduled { get; init; }

    public required long Ok { get; init; }

    public required long Failed { get; init; }

    /// <summary>Requests that an operator wanted denied and that were; neither good nor failed.</summary>
    public required long Denied { get; init; }

    /// <summary>Failed requests by what the driver saw.</summary>
    public required IReadOnlyDictionary<string, long> Failures { get; init; }

    public required long Checkouts { get; init; }

    public required long Booked { get; init; }

    public required long Duplicates { get; init; }

    public required long Retries { get; init; }

    public required long Ejections { get; init; }

    public required int MaxInFlight { get; init; }

    public required double P50Ms { get; init; }

    public required double P99Ms { get; init; }

    public required string? PolicyRevision { get; init; }

    public required string Consul { get; init; }

    public required IReadOnlyList<EdgeReport> Edges { get; init; }

    public required long? AttemptsOnStopped { get; init; }

    public required double? P99WhileStoppedMs { get; init; }

    public required IReadOnlyList<ChaosEvent> Events { get; init; }

    /// <summary><see langword="null"/> when Consul has no CA of its own, and so nobody an identity.</summary>
    public required MtlsReport? Mtls { get; init; }

    /// <summary><see langword="null"/> unless an operator denied anything.</summary>
    public required IntentionsReport? Intentions { get; init; }

    /// <summary><see langword="null"/> without chaos, and when Consul is not ours.</summary>
    public required RotationsReport? Rotations { get; init; }

    /// <summary>
    /// What a run must show: nothing failed, nothing twice, the ledger agrees with the customers, every edge spoke mTLS, and
    /// what was denied was denied and allowed in time, and certificates changed everywhere.
    /// </summary>
    [JsonIgnore]
    public bool IsGood => Failed == 0 && Duplicates == 0 && Booked == Checkouts && Scheduled == Ok + Failed + Denied && Ok > 0 &&
        Mtls is not { IsGood: false } && Intentions is not { IsGood: false } && Rotations is not { IsGood: false } &&
        !Events.Any(e => e.What.StartsWith("NOT", StringComparison.Ordinal));
}
