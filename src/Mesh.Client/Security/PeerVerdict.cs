using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Security;

/// <summary>Who a peer is, or why it is refused.</summary>
/// <param name="Id">The peer's ID; <see langword="null"/> when refused.</param>
/// <param name="Reason">A word of <see cref="MeshReasons"/>; <see langword="null"/> when accepted.</param>
/// <param name="Detail">One sentence for logs, with names and times.</param>
internal sealed record PeerVerdict(SpiffeId? Id, string? Reason, string? Detail)
{
    [MemberNotNullWhen(true, nameof(Id))]
    [MemberNotNullWhen(false, nameof(Reason), nameof(Detail))]
    public bool IsAccepted => Id is not null;
}
