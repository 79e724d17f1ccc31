using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>What a desk's set of documents means for what is in force here.</summary>
/// <param name="Take">Documents that are certainly not older than ours.</param>
/// <param name="Drop">Documents that are certainly deleted.</param>
/// <param name="Doubted">Documents that differ from ours, or that the desk lacks, without proof that it is right.
/// </param>
/// <param name="Older">Documents that this process has moved on from: the desk lags.</param>
internal sealed record DeskVerdict(
    IReadOnlyList<PolicyText> Take,
    IReadOnlyList<PolicyKey> Drop,
    IReadOnlyList<PolicyKey> Doubted,
    IReadOnlyList<PolicyKey> Older)
{
    /// <summary>The desk is where we are, or further: from now on its changes are taken at its word.</summary>
    public bool IsProven => Doubted.Count == 0 && Older.Count == 0;
}
