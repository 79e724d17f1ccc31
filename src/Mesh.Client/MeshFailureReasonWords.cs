namespace Mesh.Client;

/// <summary>The words for reasons in headers, metrics and messages.</summary>
internal static class MeshFailureReasonWords
{
    private static readonly string[] Words =
    [
        MeshReasons.UnknownService, MeshReasons.NoEndpoints, MeshReasons.EmptySubset, MeshReasons.ConnectFailed,
        MeshReasons.Reset, MeshReasons.Refused, MeshReasons.Deadline, MeshReasons.ProtocolError,
        MeshReasons.UnprovenPeer, MeshReasons.NoIdentity, MeshReasons.PlaintextRefused,
    ];

    public static string Word(this MeshFailureReason reason) => Words[(int)reason];
}
