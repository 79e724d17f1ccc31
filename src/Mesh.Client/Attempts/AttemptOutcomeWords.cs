namespace Mesh.Client.Attempts;

/// <summary>The words for outcomes in metrics and messages. They are stable.</summary>
internal static class AttemptOutcomeWords
{
    private static readonly string[] Words =
    [
        "success", "cancelled", "connect_failed", "refused", "reset", "timed_out", "gateway_error", "server_error",
        "overloaded", "body_broken",
    ];

    public static string Word(this AttemptOutcome outcome) => Words[(int)outcome];
}
