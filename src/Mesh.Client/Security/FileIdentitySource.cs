using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.Security;

/// <summary>
/// The identity that something else keeps in PEM files. They are read again and again, by content: what replaces them may do
/// so by writing, renaming, or turning a link around, and one after the other.
/// </summary>
internal sealed class FileIdentitySource(MeshIdentityOptions options, TimeProvider time) : IIdentitySource
{
    /// <summary>A few kilobytes each time: soon enough for a rotation, and nothing to notice.</summary>
    public static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(5);

    private string? _offered;

    public string Name => "files";

    public async Task RunAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        while (true)
        {
            await ReadAsync(keeper, cancellationToken).ConfigureAwait(false);
            await Task.Delay(ReadEvery, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        try
        {
            var certificate = await TextAsync(options.CertificateFile!, cancellationToken).ConfigureAwait(false);
            var key = await TextAsync(options.KeyFile!, cancellationToken).ConfigureAwait(false);
            var roots = await TextAsync(options.RootsFile!, cancellationToken).ConfigureAwait(false);
            var others = await OthersAsync(cancellationToken).ConfigureAwait(false);

            var content = HashOf(others.OrderBy(o => o.Key, StringComparer.Ordinal).SelectMany(o => new[] { o.Key, o.Value })
                .Prepend(roots).Prepend(key).Prepend(certificate));
            if (content != _offered)
            {
                Offer(keeper, certificate, key, roots, others);
                _offered = content;
            }
        }
        catch (CertificateException error)
        {
            // What is half-written now is whole the next time, and be it what it was before.
            _offered = null;
            keeper.Fail(error.Reason, error.Message);
        }
    }

    private void Offer(
        IdentityKeeper keeper, string certificate, string key, string roots, Dictionary<string, string> others)
    {
        var material = LeafMaterial.FromPem(certificate, key);
        var trusted = others.ToDictionary(
            o => o.Key, o => LeafMaterial.Certificates(o.Value, $"the roots of {o.Key}"), StringComparer.Ordinal);
        var own = LeafMaterial.Certificates(roots, options.RootsFile!);

        // Which trust domain is the own one only the leaf says; a leaf that does not will be refused with that reason.
        var domain = LeafRules.Check(material.Leaf, out var id) is null ? id!.TrustDomain : "";
        if (trusted.TryGetValue(domain, out var more))
        {
            own.AddRange(more);
        }

        trusted[domain] = own;
        keeper.Offer(material, trusted);
    }

    private async Task<Dictionary<string, string>> OthersAsync(CancellationToken cancellationToken)
    {
        var others = new Dictionary<string, string>(StringComparer.Ordinal);
        if (options.RootsFolder is not { } folder)
        {
            return others;
        }

        foreach (var file in Files(folder))
        {
            var domain = Path.GetFileNameWithoutExtension(file);
            if (!SpiffeId.TryParse($"spiffe://{domain}/any", out _))
            {
                throw new CertificateException(
                    MeshReasons.Unreadable, $"{file} is not named after a trust domain, such as partner.example.pem.");
            }

            others[domain] = await TextAsync(file, cancellationToken).ConfigureAwait(false);
        }

        return others;
    }

    private static string HashOf(IEnumerable<string> texts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var text in texts)
        {
            // Each by itself first, so that moving a byte from one file to the next is another content.
            hash.AppendData(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        }

        return Convert.ToHexString(hash.GetHashAndReset());
    }

    private static string[] Files(string folder)
    {
        try
        {
            return Directory.GetFiles(folder, "*.pem");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(MeshReasons.Unreadable, error.Message);
        }
    }

    private static async Task<string> TextAsync(string file, CancellationToken cancellationToken)
    {
        try
        {
            return await File.ReadAllTextAsync(file, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The system's words name the file.
            throw new CertificateException(MeshReasons.Unreadable, error.Message);
        }
    }
}
