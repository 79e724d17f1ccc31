namespace Mesh.Client.Discovery;

/// <summary>The words for reasons of doubt in metrics and messages. They are stable.</summary>
internal static class AbsenceReasonWords
{
    public static string Word(this AbsenceReason reason) => reason switch
    {
        AbsenceReason.Empty => MeshReasons.Empty,
        AbsenceReason.Shrunk => MeshReasons.Shrunk,
        AbsenceReason.Regressed => MeshReasons.Regressed,
        AbsenceReason.Acl => MeshReasons.Acl,
        _ => "none",
    };
}
