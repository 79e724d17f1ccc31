namespace Mesh.Client.Outliers;

/// <summary>Why an endpoint was taken out.</summary>
internal enum EjectionReason
{
    /// <summary>Failures in a row, of whatever kind.</summary>
    Consecutive,

    /// <summary>Failed connects in a row: nobody listens there.</summary>
    ConnectFailures,

    /// <summary>The single call that tried it after an ejection failed.</summary>
    ProbeFailed,
}
