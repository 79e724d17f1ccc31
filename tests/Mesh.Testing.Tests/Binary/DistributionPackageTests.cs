namespace Mesh.Testing.Tests.Binary;

public sealed class DistributionPackageTests : IDisposable
{
    private const string Unpack = """mkdir -p "$3/usr/bin"; echo 'a binary' > "$3/usr/bin/consul" """;
    private readonly TemporaryFolder _folder = new();

    private string Target => Path.Combine(_folder.Path, "cache", "consul");

    [LinuxAptFact]
    public async Task Fetch_OnThisMachine_GivesABinaryThatRuns()
    {
        var package = new DistributionPackage(new ConsulSearchSettings { CacheFolder = Path.GetDirectoryName(Target) });

        await package.FetchAsync(Target, default);

        Assert.Matches(@"^1\.\d+\.\d+", await ConsulVersion.OfAsync(Target, default));
        Assert.Equal([Target], Directory.GetFileSystemEntries(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task Fetch_ConfiguredMirrorFails_TriesTheNextAndKeepsOnlyTheBinary()
    {
        var apt = AptGet(
            """
            case "$*" in
              *indextargets*) echo 'http://mirror.example/debian/|bookworm|stable'; exit 0 ;;
              *update*) grep -q '^deb .*http://own.example/debian bullseye main$' sources.list && exit 0
                        echo "E: Failed to fetch $(cat sources.list)"; exit 100 ;;
              *download*) touch consul_1.8.7_amd64.deb ;;
            esac
            """);

        await FetchAsync(apt, Unpack);

        Assert.Equal("a binary\n", File.ReadAllText(Target));
        Assert.True(ExecutableFile.Is(Target));
        Assert.Equal([Target], Directory.GetFileSystemEntries(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task Fetch_EveryMirrorFails_NamesEachWithAptsWords()
    {
        var apt = AptGet(
            """
            case "$*" in
              *indextargets*) echo 'http://first.example/debian|bookworm|stable' ;;
              *) echo noise; echo 'E: no route'; exit 100 ;;
            esac
            """);

        var failure = await Assert.ThrowsAsync<ConsulSearchException>(() => FetchAsync(apt, Unpack));

        Assert.Equal(
            "http://first.example/debian bullseye: E: no route; http://own.example/debian bullseye: E: no route",
            failure.Message);
        Assert.Empty(Directory.GetFileSystemEntries(Path.GetDirectoryName(Target)!));
    }

    [Fact]
    public async Task Fetch_WithoutAnyMirror_SaysSo()
    {
        var apt = AptGet("exit 0");

        var failure = await Assert.ThrowsAsync<ConsulSearchException>(() => FetchAsync(apt, Unpack, sources: ""));

        Assert.Equal("apt is configured with no mirror of debian.", failure.Message);
    }

    [Fact]
    public async Task Fetch_PackageWithoutTheBinary_SaysSo()
    {
        var apt = AptGet("""case "$*" in *download*) touch consul_1_all.deb ;; esac""");

        var failure = await Assert.ThrowsAsync<ConsulSearchException>(
            () => FetchAsync(apt, "echo 'E: bad archive'; exit 2"));

        Assert.Contains(
            "consul_1_all.deb could not be unpacked: E: bad archive", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_WithoutApt_SaysSo()
    {
        var failure = await Assert.ThrowsAsync<ConsulSearchException>(() => FetchAsync("/no/such/apt-get", Unpack));

        Assert.Contains("/no/such/apt-get", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetch_AptHangs_IsKilled()
    {
        var pid = Path.Combine(_folder.Path, "pid");

        var failure = await Assert.ThrowsAsync<ConsulSearchException>(
            () => FetchAsync(AptGet($"echo $$ > '{pid}'; exec sleep 600"), Unpack, TimeSpan.FromMilliseconds(500)));

        Assert.Contains("did not end within", failure.Message, StringComparison.Ordinal);
        var id = int.Parse(File.ReadAllText(pid));
        await Eventually.TrueAsync(() => !Processes.IsAlive(id));
    }

    [Fact]
    public async Task Fetch_OnAnotherDistribution_IsNotTried()
    {
        var failure = await Assert.ThrowsAsync<ConsulSearchException>(
            () => FetchAsync("/no/such/apt-get", Unpack, osRelease: "ID=fedora\n"));

        Assert.Contains("not tried", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ID=debian\nVERSION_CODENAME=bookworm\n", "bullseye", "bookworm")]
    [InlineData("ID=ubuntu\nID_LIKE=debian\nVERSION_CODENAME=\"noble\"\n", "jammy", "noble")]
    [InlineData("ID=linuxmint\nID_LIKE=\"ubuntu debian\"\nVERSION_CODENAME=wilma\n", "jammy", "wilma")]
    [InlineData("ID=raspbian\nID_LIKE=debian\n", "bullseye", "")]
    public void Release_OfAnOsRelease_IsTheNearestWithThePackage(string osRelease, string suite, string own)
    {
        var found = DistributionRelease.Of(osRelease);

        Assert.Equal((suite, own), (found?.Release.Suite, found?.OwnSuite));
    }

    [Fact]
    public void Mirrors_OfSourcesInBothFormats_AreThoseOfTheOwnSuite()
    {
        var parts = Path.Combine(_folder.Path, "apt", "sources.list.d");
        Directory.CreateDirectory(parts);
        File.WriteAllText(
            Path.Combine(_folder.Path, "apt", "sources.list"),
            """
            # deb http://commented.example/debian bookworm main
            deb http://one.example/debian/ bookworm main contrib
            deb-src http://source.example/debian bookworm main
            deb [ arch=amd64 signed-by=/k.gpg ] https://two.example/debian bookworm main
            deb http://security.example/debian-security bookworm-security main
            deb file:/local bookworm main
            deb
            """);
        File.WriteAllText(
            Path.Combine(parts, "debian.sources"),
            """
            Types: deb deb-src
            # URIs: http://commented.example/debian
            URIs: http://three.example/debian http://four.example/debian/
            Suites: bookworm bookworm-updates
            Components: main

            Types: deb
            URIs: https://packages.example/node
            Suites: nodistro
            """);

        Assert.Equal(
            [
                "http://one.example/debian", "https://two.example/debian", "http://three.example/debian",
                "http://four.example/debian",
            ],
            AptMirrors.OfSources(Path.Combine(_folder.Path, "apt"), "bookworm"));
        Assert.Empty(AptMirrors.OfSources("/no/such/folder", "bookworm"));
    }

    [Fact]
    public void Mirrors_OfIndexTargets_AreThoseOfTheOwnSuite() => Assert.Equal(
        ["http://one.example/debian", "http://two.example/debian"],
        AptMirrors.OfIndexTargets(
            "http://one.example/debian/|bookworm|stable\nhttp://s.example|bookworm-security|\n" +
            "http://two.example/debian/|12|bookworm\nnonsense\ncdrom:/|bookworm|\n",
            "bookworm"));

    public void Dispose() => _folder.Dispose();

    private string AptGet(string body) => _folder.Script("apt-get", body);

    private async Task FetchAsync(
        string aptGet,
        string dpkgDeb,
        TimeSpan? timeout = null,
        string osRelease = "ID=debian\nVERSION_CODENAME=bookworm\n",
        string sources = "deb http://own.example/debian bookworm main\n")
    {
        var os = Path.Combine(_folder.Path, "os-release");
        await File.WriteAllTextAsync(os, osRelease);
        var apt = Directory.CreateDirectory(Path.Combine(_folder.Path, "apt")).FullName;
        await File.WriteAllTextAsync(Path.Combine(apt, "sources.list"), sources);
        Directory.CreateDirectory(Path.GetDirectoryName(Target)!);
        var settings = new ConsulSearchSettings
        {
            CacheFolder = Path.GetDirectoryName(Target),
            Distribution = new()
            {
                OsRelease = os, AptFolder = apt, AptGet = aptGet, DpkgDeb = _folder.Script("dpkg-deb", dpkgDeb),
                ProgramTimeout = timeout ?? TimeSpan.FromMinutes(1), Supported = true,
            },
        };
        await new DistributionPackage(settings).FetchAsync(Target, default);
    }
}
