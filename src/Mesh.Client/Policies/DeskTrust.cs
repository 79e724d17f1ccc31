using Mesh.Client.Security;

namespace Mesh.Client.Policies;

/// <summary>By what a desk is known: the identity of service <c>mesh-desk</c> in this process's own datacenter.</summary>
internal sealed class DeskTrust(IMeshIdentity identity, PeerVerifier verifier, IdentityPaths paths)
{
    /// <summary>Judges who answers.</summary>
    public PeerVerifier Verifier => verifier;

    /// <summary>Ends when there is an identity, or when it is clear that there will be none.</summary>
    public Task FirstAnswer => identity.FirstAnswer;

    /// <summary>There is an identity, so that a desk can be told from a liar.</summary>
    public bool CanVerify => identity.Current is not null;

    /// <summary>As whom to connect, and to whom; <see langword="null"/> without an identity.</summary>
    public PeerTerms? Terms()
    {
        if (identity.Current is not { } ours)
        {
            return null;
        }

        // Policy comes from the own datacenter. Where IDs name none, this one has no meaning.
        var datacenter = paths.DatacenterOf(ours.Id) ?? "none";
        return new PeerTerms(
            ours, paths.Expected(DeskFinder.DeskService, datacenter, ours.TrustDomain), DeskFinder.DeskService);
    }
}
