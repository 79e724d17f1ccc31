namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>An endpoint that the next call may go to.</summary>
internal sealed record CandidateView
{
    public required string Id { get; init; }

    public required string Address { get; init; }

    public string? Zone { get; init; }

    /// <summary>How calls to it travel: <c>mesh</c> (mutual TLS), <c>plaintext</c>, or <c>refused</c>: not at all.</summary>
    public required string Tls { get; init; }

    /// <summary>The SPIFFE ID it has to prove, over mutual TLS.</summary>
    public string? Expected { get; init; }

    public required string State { get; init; }

    /// <summary>Its weight relative to the mean of all, slow start included.</summary>
    public required double Weight { get; init; }

    /// <summary>What one more call there would cost, by the algorithm's own reckoning.</summary>
    public double? Cost { get; init; }

    public double? LatencyMs { get; init; }

    public required double PenaltyMs { get; init; }

    public required int InFlight { get; init; }

    /// <summary>How likely the next call goes there, 0 to 1; <see langword="null"/> where not reckoned.</summary>
    public double? Chance { get; init; }
}
