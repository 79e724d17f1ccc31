using Mesh.Client.Security;
using Mesh.Testing;

namespace Mesh.Client.Tests.Security;

/// <summary>PEM files that others write, in whatever way they do.</summary>
public sealed class FileIdentityTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-identity-").FullName;
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly TestAuthority _authority;
    private readonly MeshIdentityOptions _options;

    public FileIdentityTests()
    {
        _authority = new TestAuthority("mesh.test", _time);
        _options = new MeshIdentityOptions
        {
            CertificateFile = Path.Combine(_folder, "tls.crt"),
            KeyFile = Path.Combine(_folder, "tls.key"),
            RootsFile = Path.Combine(_folder, "ca.crt"),
        };
    }

    public void Dispose()
    {
        _authority.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task Files_Replaced_AreTakenUp_WithIntermediatesAndOverlappingRoots()
    {
        using var intermediate = _authority.CreateIntermediate();
        Write(intermediate.Issue("web"));
        using var bench = Start();
        await bench.Keeper.FirstAnswer;
        var first = bench.Keeper.Current!;
        Assert.Single(first.Certificate.IntermediateCertificates);

        using var next = new TestAuthority("mesh.test", _time);
        File.WriteAllText(_options.RootsFile!, _authority.RootPem + next.RootPem);
        await PassAsync(bench, () => bench.Keeper.Current!.Roots["mesh.test"].Count == 2);
        next.Issue("web").WriteTo(_options.CertificateFile!, _options.KeyFile!);
        await PassAsync(bench, () => Thumbprint(bench) != first.Certificate.TargetCertificate.Thumbprint);
        File.WriteAllText(_options.RootsFile!, next.RootPem);
        await PassAsync(bench, () => bench.Keeper.Current!.Roots["mesh.test"].Count == 1);

        Assert.Null(bench.Keeper.Status.Reason);
        Assert.Equal(3, bench.Changes - 1);
        Assert.Empty(bench.Logs.Of(9012));
    }

    [Fact]
    public async Task ALinkTurnedAround_ReplacesAllFilesAtOnce()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // Making links needs rights there that tests do not have.
        }

        string Version(string name)
        {
            var folder = Directory.CreateDirectory(Path.Combine(_folder, name)).FullName;
            _authority.Issue("web").WriteTo(Path.Combine(folder, "tls.crt"), Path.Combine(folder, "tls.key"));
            File.WriteAllText(Path.Combine(folder, "ca.crt"), _authority.RootPem);
            return folder;
        }

        // As Kubernetes does: files are links into a link, which is replaced as a whole.
        var data = Path.Combine(_folder, "..data");
        Directory.CreateSymbolicLink(data, Version("v1"));
        foreach (var file in new[] { "tls.crt", "tls.key", "ca.crt" })
        {
            File.CreateSymbolicLink(Path.Combine(_folder, file), Path.Combine(data, file));
        }

        using var bench = Start();
        await bench.Keeper.FirstAnswer;
        var first = Thumbprint(bench);

        Directory.CreateSymbolicLink(Path.Combine(_folder, "..new"), Version("v2"));
        Assert.Equal(0, Rename(Path.Combine(_folder, "..new"), data));
        await PassAsync(bench, () => Thumbprint(bench) != first);

        Assert.Equal(1, bench.Changes - 1);
        Assert.Null(bench.Keeper.Status.Reason);
    }

    public static TheoryData<string, string> Damage => new()
    {
        { "the key of another certificate", MeshReasons.KeyMismatch },
        { "half a key", MeshReasons.Unreadable },
        { "an encrypted key", MeshReasons.Unreadable },
        { "half a certificate", MeshReasons.Unreadable },
        { "no roots", MeshReasons.Unreadable },
        { "an empty certificate file", MeshReasons.Unreadable },
        { "no certificate file", MeshReasons.Unreadable },
        { "roots of somebody else", MeshReasons.PeerUntrusted },
        { "without the intermediate", MeshReasons.PeerUntrusted },
        { "an expired certificate", MeshReasons.PeerExpired },
    };

    [Theory]
    [MemberData(nameof(Damage))]
    public async Task Files_ThatDoNotFit_LeaveTheLastGoodOnes_SaidOnce_AndThenHeal(string what, string reason)
    {
        using var intermediate = _authority.CreateIntermediate();
        var good = intermediate.Issue("web");
        Write(good);
        using var bench = Start();
        await bench.Keeper.FirstAnswer;
        var before = bench.Keeper.Current;
        Assert.NotNull(before);

        var planted = Break(what, intermediate);
        await PassAsync(bench, () => bench.Keeper.Status.Reason is not null);
        await PassAsync(bench, () => bench.Meters.Count(MeshTelemetry.IdentityFailures) >= 2);

        Assert.Same(before.Certificate, bench.Keeper.Current!.Certificate);
        Assert.Equal(reason, bench.Keeper.Status.Reason);
        Assert.Single(bench.Logs.Of(9012));
        foreach (var line in (good.KeyPem + planted.KeyPem).Split('\n').Where(l => l.Length > 0 && !l.StartsWith('-')))
        {
            Assert.DoesNotContain(line, bench.Said + bench.Keeper.Status, StringComparison.Ordinal);
        }

        // Whole again, with something new or with what was there before.
        Write(what.Contains("key", StringComparison.Ordinal) ? good : intermediate.Issue("web"));
        await PassAsync(bench, () => bench.Keeper.Status.Reason is null);
        Assert.NotNull(bench.Keeper.Current);
    }

    [Fact]
    public async Task Files_ThatComeLater_GiveAnIdentityThen()
    {
        using var bench = Start();
        await bench.Keeper.FirstAnswer;
        Assert.Null(bench.Keeper.Current);
        Assert.Contains(_options.CertificateFile!, Assert.Single(bench.Logs.Of(9011)), StringComparison.Ordinal);

        Write(_authority.Issue("web"));

        await PassAsync(bench, () => bench.Keeper.Current is not null);
    }

    [Fact]
    public async Task RootsFolder_HasTheRootsOfOtherTrustDomains_ByFileName()
    {
        using var partner = new TestAuthority("partner.test", _time);
        _options.RootsFolder = Directory.CreateDirectory(Path.Combine(_folder, "others")).FullName;
        var file = Path.Combine(_options.RootsFolder, "partner.test.pem");
        File.WriteAllText(file, partner.RootPem);
        Write(_authority.Issue("web"));
        using var bench = Start();
        await bench.Keeper.FirstAnswer;

        Assert.Equal(["mesh.test", "partner.test"], bench.Keeper.Current!.Roots.Keys.Order());
        Assert.Equal(partner.Roots()[0], bench.Keeper.Current.Roots["partner.test"].Single());

        File.Delete(file);
        await PassAsync(bench, () => bench.Keeper.Current!.Roots.Count == 1);

        File.WriteAllText(Path.Combine(_options.RootsFolder, "Partner Inc.pem"), partner.RootPem);
        await PassAsync(bench, () => bench.Keeper.Status.Reason == MeshReasons.Unreadable);
        Assert.Contains("not named after a trust domain", bench.Keeper.Status.Detail, StringComparison.Ordinal);
    }

    private TestCertificate Break(string what, TestAuthority intermediate)
    {
        var other = intermediate.Issue("web");
        var options = new TestCertificateOptions { Uris = [_authority.IdOf("web")] };
        switch (what)
        {
            case "the key of another certificate":
                File.WriteAllText(_options.KeyFile!, other.KeyPem);
                break;
            case "half a key":
                File.WriteAllText(_options.KeyFile!, other.KeyPem[..120]);
                break;
            case "an encrypted key":
                File.WriteAllText(
                    _options.KeyFile!, other.KeyPem.Replace("PRIVATE", "ENCRYPTED PRIVATE", StringComparison.Ordinal));
                break;
            case "half a certificate":
                File.WriteAllText(_options.CertificateFile!, other.CertificatePem[..300]);
                break;
            case "no roots":
                File.WriteAllText(_options.RootsFile!, "");
                break;
            case "an empty certificate file":
                File.WriteAllText(_options.CertificateFile!, "");
                break;
            case "no certificate file":
                File.Delete(_options.CertificateFile!);
                break;
            case "roots of somebody else":
                using (var stranger = new TestAuthority("mesh.test", _time))
                {
                    other.WriteTo(_options.CertificateFile!, _options.KeyFile!);
                    File.WriteAllText(_options.RootsFile!, stranger.RootPem);
                }

                break;
            case "without the intermediate":
                options.WithoutIntermediates = true;
                intermediate.Issue(options).WriteTo(_options.CertificateFile!, _options.KeyFile!);
                break;
            case "an expired certificate":
                options.NotAfter = _time.GetUtcNow().AddMinutes(-1);
                intermediate.Issue(options).WriteTo(_options.CertificateFile!, _options.KeyFile!);
                break;
        }

        return other;
    }

    private KeeperBench Start() => new(_ => new FileIdentitySource(_options, _time), _time);

    private void Write(TestCertificate certificate)
    {
        certificate.WriteTo(_options.CertificateFile!, _options.KeyFile!);
        File.WriteAllText(_options.RootsFile!, _authority.RootPem);
    }

    private Task PassAsync(KeeperBench bench, Func<bool> happened) =>
        bench.PassAsync(_time, FileIdentitySource.ReadEvery, happened);

    private static string Thumbprint(KeeperBench bench) =>
        bench.Keeper.Current!.Certificate.TargetCertificate.Thumbprint;

    /// <summary>
    /// The platform refuses to rename onto a link to a folder; the system call that Kubernetes uses does not.
    /// </summary>
    [System.Runtime.InteropServices.DllImport("libc", EntryPoint = "rename", SetLastError = true)]
    private static extern int Rename(string from, string to);
}
