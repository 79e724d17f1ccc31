using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Mesh.Client.Security;

/// <summary>
/// The root that this user's processes share: made by the first, in a file that only this user may read. Whoever can read it
/// can be any service, which is why it is for development.
/// </summary>
internal sealed class DevelopmentRoot(string folder, string trustDomain, TimeProvider time) : IDisposable
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static readonly TimeSpan Life = TimeSpan.FromDays(365);

    private string? _text;
    private X509Certificate2? _root;

    private string File => Path.Combine(folder, $"{trustDomain}.pem");

    /// <summary>The root with its key, of now; stays this object's.</summary>
    /// <exception cref="CertificateException">It cannot be read, made or trusted.</exception>
    public X509Certificate2 Open()
    {
        try
        {
            if (Read() is { } found)
            {
                return found;
            }

            Make();
            return Read() ?? throw new CertificateException(MeshReasons.Unreadable, $"{File} was removed just now.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CertificateException(MeshReasons.Unreadable, error.Message);
        }
    }

    public void Dispose()
    {
        _root?.Dispose();
        (_root, _text) = (null, null);
    }

    /// <returns><see langword="null"/> when there is none, or none that is valid for long enough.</returns>
    private X509Certificate2? Read()
    {
        if (!System.IO.File.Exists(File))
        {
            return null;
        }

        if (!OperatingSystem.IsWindows() && System.IO.File.GetUnixFileMode(File) != OwnerOnly)
        {
            throw new CertificateException(
                MeshReasons.Unreadable, $"{File} may be read by others than its owner, who could be any service: delete it.");
        }

        // Looked at every few seconds, and the same for a year.
        var text = System.IO.File.ReadAllText(File);
        if (text != _text)
        {
            Dispose();
            (_root, _text) = (LeafMaterial.FromPem(text, text).Leaf, text);
        }

        if (_root!.NotAfter.ToUniversalTime() > time.GetUtcNow().UtcDateTime.AddDays(2))
        {
            return _root;
        }

        System.IO.File.Delete(File);
        return null;
    }

    /// <summary>Whole under another name first: who reads meanwhile finds all of it or none, and the first one wins.</summary>
    private void Make()
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        }

        var draft = Path.Combine(folder, $"{Guid.NewGuid():N}.draft");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        using (var writer = new StreamWriter(draft, options))
        {
            writer.Write(Pem());
        }

        try
        {
            Publish(draft);
        }
        finally
        {
            System.IO.File.Delete(draft);
        }
    }

    /// <summary>
    /// Another name for the same file is refused where that name is taken, in one step of the system. Moving is not: on Unix
    /// the platform looks first and replaces then, so that a process would go on with a root that is nobody's any more.
    /// </summary>
    private void Publish(string draft)
    {
        if (!OperatingSystem.IsWindows() && Link(Native(draft), Native(File)) == 0)
        {
            return;
        }

        try
        {
            // There is no such name on some file systems; and whoever was first has one.
            System.IO.File.Move(draft, File, overwrite: false);
        }
        catch (IOException) when (System.IO.File.Exists(File))
        {
            // Another process was first.
        }
    }

    private static byte[] Native(string path) => Encoding.UTF8.GetBytes(path + '\0');

    [DllImport("libc", EntryPoint = "link")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link(byte[] existing, byte[] added);

    private string Pem()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN=Mesh development root {trustDomain}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        var now = time.GetUtcNow();
        using var root = request.CreateSelfSigned(now.AddHours(-1), now + Life);
        return root.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }
}
