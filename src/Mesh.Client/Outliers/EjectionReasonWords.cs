namespace Mesh.Client.Outliers;

/// <summary>The words for reasons of ejections in metrics and messages. They are stable.</summary>
internal static class EjectionReasonWords
{
    public static string Word(this EjectionReason reason) => reason switch
    {
        EjectionReason.ConnectFailures => MeshReasons.ConnectFailures,
        EjectionReason.ProbeFailed => MeshReasons.ProbeFailed,
        _ => MeshReasons.ConsecutiveFailures,
    };
}
