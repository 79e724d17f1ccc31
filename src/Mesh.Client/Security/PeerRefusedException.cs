using System.Security.Authentication;

namespace Mesh.Client.Security;

/// <summary>The peer is not who it should be: the connection is closed, and nothing was sent on it.</summary>
internal sealed class PeerRefusedException(PeerVerdict verdict, Exception inner)
    : AuthenticationException(verdict.Detail, inner)
{
    /// <summary>Why; never an acceptance.</summary>
    public PeerVerdict Verdict { get; } = verdict;
}
