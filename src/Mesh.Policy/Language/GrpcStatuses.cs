namespace Mesh.Policy.Language;

/// <summary>The canonical gRPC statuses by number; those that are failures may be retried.</summary>
internal static class GrpcStatuses
{
    private static readonly string[] Names =
    [
        "OK", "CANCELLED", "UNKNOWN", "INVALID_ARGUMENT", "DEADLINE_EXCEEDED", "NOT_FOUND", "ALREADY_EXISTS",
        "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE", "UNIMPLEMENTED",
        "INTERNAL", "UNAVAILABLE", "DATA_LOSS", "UNAUTHENTICATED",
    ];

    /// <summary>Every status but OK.</summary>
    public static IEnumerable<string> Failures => Names.Skip(1);

    /// <summary>The number of a canonical name; -1 when it is none, 0 (OK) included because it is no failure.</summary>
    public static int NumberOf(string name) => Array.IndexOf(Names, name) is var number and > 0 ? number : -1;

    public static string NameOf(int number) => Names[number];
}
