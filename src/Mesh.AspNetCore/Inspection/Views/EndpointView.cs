namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>One endpoint.</summary>
internal sealed record EndpointView
{
    public required string Id { get; init; }

    public required string Address { get; init; }

    public string? Zone { get; init; }

    /// <summary>It speaks mesh.</summary>
    public required bool Member { get; init; }

    /// <summary>The metadata that the mesh itself uses, and what subsets select by; never the rest.</summary>
    public required IReadOnlyDictionary<string, string> Metadata { get; init; }

    /// <summary>How calls to it travel: <c>mesh</c> (mutual TLS), <c>plaintext</c>, or <c>refused</c>: not at all.</summary>
    public required string Tls { get; init; }

    /// <summary>The SPIFFE ID it has to prove, over mutual TLS.</summary>
    public string? Expected { get; init; }

    public required string State { get; init; }

    /// <summary>Why it is not ready.</summary>
    public string? Reason { get; init; }

    /// <summary>How long the state has lasted, where that is known.</summary>
    public double? ForSeconds { get; init; }

    /// <summary>When the state ends by itself, where it does.</summary>
    public double? LeftSeconds { get; init; }

    /// <summary>Ejections that count for the length of the next one.</summary>
    public required int Ejections { get; init; }

    public required int Weight { get; init; }

    /// <summary>The share of its weight that slow start gives it.</summary>
    public required double SlowStart { get; init; }

    /// <summary>Estimated time to an answer; <see langword="null"/> while nothing is known.</summary>
    public double? LatencyMs { get; init; }

    /// <summary>What failures add to that for a while.</summary>
    public required double PenaltyMs { get; init; }

    /// <summary>Share of failures among its last answers.</summary>
    public required double FailureShare { get; init; }

    public required int InFlight { get; init; }

    public required int Connections { get; init; }
}
