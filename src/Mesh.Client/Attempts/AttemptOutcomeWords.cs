namespace Mesh.Client.Attempts;

/// <summary>The words for outcomes in metrics and messages. They are stable.</summary>
internal static class AttemptOutcomeWords
{
    private static readonly string[] Words =
    [
        "success", MeshReasons.Cancelled, MeshReasons.ConnectFailed, MeshReasons.Refused, MeshReasons.Reset,
        MeshReasons.TimedOut, MeshReasons.GatewayError, MeshReasons.ServerError, MeshReasons.Overloaded,
        MeshReasons.BodyBroken,
    ];

    public static string Word(this AttemptOutcome outcome) => Words[(int)outcome];

    /// <summary>
    /// What was wrong with it, in a word of <see cref="MeshReasons"/>. An answer that speaks for its endpoint may still be
    /// one that the policy names.
    /// </summary>
    public static string Reason(this AttemptOutcome outcome) =>
        outcome == AttemptOutcome.Success ? MeshReasons.Status : Words[(int)outcome];
}
