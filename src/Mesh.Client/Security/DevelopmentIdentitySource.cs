using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Security;

/// <summary>The identity that a process gives itself, by a root that all processes of this user share.</summary>
/// <param name="folder">Where the root is.</param>
/// <param name="mesh">The mesh's name: the trust domain is <c>&lt;name&gt;.development</c>.</param>
/// <param name="service">Whose leaf it is.</param>
/// <param name="datacenter">Finds the datacenter that the ID names.</param>
/// <param name="paths">How it names both.</param>
/// <param name="time">The clock.</param>
/// <param name="random">When leaves are renewed, and pauses.</param>
/// <param name="logger">Hears that this is no identity to rely on.</param>
internal sealed partial class DevelopmentIdentitySource(
    string folder,
    string mesh,
    string service,
    Func<CancellationToken, Task<string>> datacenter,
    IdentityPaths paths,
    TimeProvider time,
    Random random,
    ILogger logger) : IIdentitySource
{
    private static readonly TimeSpan LeafLife = TimeSpan.FromHours(24);
    private static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    private readonly string _trustDomain = $"{mesh.ToLowerInvariant()}.development";

    public string Name => "development";

    public async Task RunAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        Log.Development(logger, folder);
        using var root = new DevelopmentRoot(folder, _trustDomain, time);
        var id = await IdAsync(keeper, cancellationToken).ConfigureAwait(false);
        var (issuedBy, renewAt) = ("", default(DateTimeOffset));
        while (true)
        {
            try
            {
                var now = root.Open();
                if (now.Thumbprint != issuedBy || time.GetUtcNow() >= renewAt)
                {
                    keeper.Offer(Issue(now, id), Roots(now));
                    issuedBy = now.Thumbprint;
                    renewAt = keeper.Current is { } current ? RenewalTime.Of(current, random) : time.GetUtcNow();
                }
            }
            catch (CertificateException error)
            {
                keeper.Fail(error.Reason, error.Message);
            }

            await Task.Delay(LookEvery, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<SpiffeId> IdAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var found = await datacenter(cancellationToken).ConfigureAwait(false);
                if (found.Length > 0)
                {
                    return paths.Expected(service, found, _trustDomain);
                }
            }
            catch (ConsulException error)
            {
                keeper.Fail(MeshReasons.RegistryLost, error.Message);
            }

            await Task.Delay(LookEvery * (0.2 + (0.8 * random.NextDouble())), time, cancellationToken).ConfigureAwait(false);
        }
    }

    private Dictionary<string, X509Certificate2Collection> Roots(X509Certificate2 root) => new(StringComparer.Ordinal)
    {
        [_trustDomain] = [X509CertificateLoader.LoadCertificate(root.RawData)],
    };

    private LeafMaterial Issue(X509Certificate2 root, SpiffeId id)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={service}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddUri(new Uri(id.ToString()));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension(
            [new Oid(LeafRules.ServerUsage), new Oid(LeafRules.ClientUsage)], critical: false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(
            root, includeKeyIdentifier: true, includeIssuerAndSerial: false));
        var now = time.GetUtcNow();
        using var bare = request.Create(root, now.AddMinutes(-5), now + LeafLife, RandomNumberGenerator.GetBytes(12));
        return new LeafMaterial(bare.CopyWithPrivateKey(key), []);
    }

    private static partial class Log
    {
        [LoggerMessage(9020, LogLevel.Warning,
            "The identity of this process is for DEVELOPMENT ONLY: whoever can read {Folder} can be any service.")]
        public static partial void Development(ILogger logger, string folder);
    }
}
