namespace Mesh.Client;

/// <summary>The words for reasons in headers, metrics and messages. They are stable.</summary>
internal static class MeshFailureReasonWords
{
    private static readonly string[] Words =
    [
        "unknown_service", "no_endpoints", "empty_subset", "connect_failed", "reset", "refused", "deadline",
        "protocol_error",
    ];

    public static string Word(this MeshFailureReason reason) => Words[(int)reason];
}
