namespace Mesh.Policy;

/// <summary>When an endpoint is taken out for a while.</summary>
public sealed record OutlierRule
{
    /// <summary>False when a document says <c>"outlier": "off"</c>.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Failures in a row (connect, reset, timeout, 502-504, gRPC UNAVAILABLE) that eject.</summary>
    public required int Consecutive { get; init; }

    /// <summary>Failed connects in a row that eject.</summary>
    public required int ConnectFailures { get; init; }

    /// <summary>Length of the first ejection; each further one doubles it.</summary>
    public required TimeSpan EjectBase { get; init; }

    /// <summary>Longest ejection.</summary>
    public required TimeSpan EjectMax { get; init; }

    /// <summary>Largest share (0 to 1) out at one time; one endpoint may always go when there are two or more.</summary>
    public required double MaxEjected { get; init; }
}
