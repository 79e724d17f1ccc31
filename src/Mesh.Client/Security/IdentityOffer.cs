using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.Security;

/// <summary>What a source has: compared by the content of the certificates.</summary>
internal sealed class IdentityOffer : IEquatable<IdentityOffer>
{
    private readonly LeafMaterial _material;
    private readonly IReadOnlyDictionary<string, X509Certificate2Collection> _roots;
    private readonly string _leafHash;
    private readonly string _rootsHash;

    public IdentityOffer(LeafMaterial material, IReadOnlyDictionary<string, X509Certificate2Collection> roots)
    {
        (_material, _roots) = (material, roots);
        _leafHash = Hash(material.Intermediates.Prepend(material.Leaf));
        _rootsHash = string.Join('|', roots.OrderBy(r => r.Key, StringComparer.Ordinal).Select(
            r => r.Key + "=" + Hash(r.Value.OrderBy(c => c.Thumbprint, StringComparer.Ordinal))));
    }

    /// <summary>
    /// The identity that comes of it. A new leaf must pass the rules for peers. New roots beside the same leaf are taken in any
    /// case: who takes a root away wants nobody of it trusted any more, and if the own leaf is among them, that is said.
    /// </summary>
    /// <param name="accepted">The offer in force.</param>
    /// <param name="current">What came of that.</param>
    /// <param name="now">The time that counts.</param>
    /// <param name="fault">What is wrong with it, also when it is taken.</param>
    /// <returns><see langword="null"/> when it is not taken.</returns>
    public MeshIdentity? Make(
        IdentityOffer? accepted, MeshIdentity? current, DateTimeOffset now, out CertificateFault? fault)
    {
        if (accepted is not null && current is not null && accepted._leafHash == _leafHash)
        {
            var verdict = PeerVerifier.Judge(_material.Leaf, _material.Intermediates, _roots, now);
            fault = verdict.IsAccepted ? null : new CertificateFault(
                verdict.Reason, $"The roots changed, and this process's own certificate is not of them. {verdict.Detail}");
            return current.With(_roots);
        }

        return MeshIdentity.TryCreate(
            _material.Leaf, _material.Intermediates, _roots, now, out var identity, out fault) ? identity : null;
    }

    public bool Equals(IdentityOffer? other) =>
        other is not null && other._leafHash == _leafHash && other._rootsHash == _rootsHash;

    public override bool Equals(object? obj) => Equals(obj as IdentityOffer);

    public override int GetHashCode() => HashCode.Combine(_leafHash, _rootsHash);

    private static string Hash(IEnumerable<X509Certificate2> certificates)
    {
        var text = new StringBuilder();
        foreach (var certificate in certificates)
        {
            text.Append(certificate.GetCertHashString(HashAlgorithmName.SHA256)).Append(',');
        }

        return text.ToString();
    }
}
