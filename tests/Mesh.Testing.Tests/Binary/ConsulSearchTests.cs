namespace Mesh.Testing.Tests.Binary;

public sealed class ConsulSearchTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ConsulArchive _archive = new();

    private string Cache => Path.Combine(_folder.Path, "cache");

    [Fact]
    public async Task Find_ConsulBinSet_WinsOverEverything()
    {
        var chosen = _folder.Script("chosen", "");
        var onPath = _folder.Script("bin/consul", "");

        var found = await FindAsync(Nothing() with { ConsulBin = chosen, SearchPath = Path.GetDirectoryName(onPath) });

        Assert.Equal(chosen, found);
    }

    [Fact]
    public async Task Find_ConsulBinNamesNoFile_ThrowsAndDoesNotFallBack()
    {
        var onPath = _folder.Script("bin/consul", "");

        var failure = await Assert.ThrowsAsync<ConsulNotFoundException>(
            () => FindAsync(
                Nothing() with { ConsulBin = "/no/such/file", SearchPath = Path.GetDirectoryName(onPath) }));

        Assert.Contains("/no/such/file", failure.Message, StringComparison.Ordinal);
        Assert.Contains("CONSUL_BIN", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_OnPath_SkipsFilesThatCannotRun()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "a"));
        File.WriteAllText(Path.Combine(_folder.Path, "a", "consul"), "no program");
        var runs = _folder.Script("b/consul", "");

        var found = await FindAsync(Nothing() with { SearchPath = $"{_folder.Path}/a::relative:{_folder.Path}/b" });

        Assert.Equal(runs, found);
    }

    [Fact]
    public async Task Find_InCache_AsksNoServer()
    {
        await using var server = await HttpBackend.StartAsync();
        var cached = _folder.Script($"cache/consul-{ConsulArchive.Version}-{ConsulArchive.Platform}/consul", "");

        var found = await FindAsync(Nothing() with { Release = _archive.ReleaseAt(server.Address) });

        Assert.Equal((cached, 0), (found, server.RequestCount));
    }

    [Fact]
    public async Task Find_DistributionBinaryInCache_AsksNoServer()
    {
        var cached = _folder.Script($"cache/consul-distribution-{ConsulArchive.Platform}/consul", "");

        Assert.Equal(cached, await FindAsync(Nothing()));
    }

    [Fact]
    public async Task Find_NowhereButTheServer_DownloadsOnceChecksAndRuns()
    {
        await using var server = await HttpBackend.StartAsync();
        server.Respond(_archive.Answer);
        var progress = new StringWriter();
        var settings = Nothing() with { Release = _archive.ReleaseAt(server.Address), Progress = progress };

        var first = await FindAsync(settings);
        var second = await FindAsync(settings);

        Assert.Equal(first, second);
        Assert.StartsWith(Cache, first, StringComparison.Ordinal);
        Assert.Equal("9.8.7", await ConsulVersion.OfAsync(first, default));
        Assert.Equal("/consul/9.8.7/consul_9.8.7_linux_amd64.zip", Assert.Single(server.Requests).Path);
        Assert.Contains("fetching http://127.0.0.1", progress.ToString(), StringComparison.Ordinal);
        Assert.Equal([first], Binaries());
    }

    [Fact]
    public async Task Find_LongDownload_ShowsHowFarItIs()
    {
        await using var server = await HttpBackend.StartAsync();
        server.Respond(_archive.Answer);
        var progress = new StringWriter();

        await FindAsync(Nothing() with
        {
            Release = _archive.ReleaseAt(server.Address), Progress = progress, ProgressEvery = TimeSpan.FromTicks(1),
        });

        Assert.Matches(@"0\.0 MB of 0\.0 MB after \d+ s", progress.ToString());
    }

    [Fact]
    public async Task Find_ManyAtOnce_OneDownloads()
    {
        await using var server = await HttpBackend.StartAsync();
        server.Respond(BackendAnswer.Delay(TimeSpan.FromMilliseconds(200), _archive.Answer));
        var settings = Nothing() with { Release = _archive.ReleaseAt(server.Address) };

        var found = await Task.WhenAll(Enumerable.Range(0, 5).Select(_ => FindAsync(settings)));

        Assert.Single(found.Distinct());
        Assert.Equal(1, server.RequestCount);
    }

    [Fact]
    public async Task Find_WrongChecksum_RefusesAndKeepsNothing()
    {
        await using var server = await HttpBackend.StartAsync();
        var other = new ConsulArchive(content: "#!/bin/sh\necho evil\n");
        server.Respond(other.Answer);

        var failure = await FailAsync(Nothing() with { Release = _archive.ReleaseAt(server.Address) });

        Assert.Contains($"SHA-256 {other.Sha256}, but {_archive.Sha256} is pinned", failure, StringComparison.Ordinal);
        Assert.Empty(Binaries());
    }

    [Fact]
    public async Task Find_ServerAnswersAnError_SaysWhich()
    {
        await using var server = await HttpBackend.StartAsync();
        server.Respond(BackendAnswer.Status(404));

        var failure = await FailAsync(Nothing() with { Release = _archive.ReleaseAt(server.Address) });

        Assert.Contains("404", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_ServerRefusesConnections_SaysSo()
    {
        await using var server = await HttpBackend.StartAsync();
        await server.StopAsync();

        var failure = await FailAsync(Nothing() with { Release = _archive.ReleaseAt(server.Address) });

        Assert.Contains("refused", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_ServerGoesSilent_GivesUp()
    {
        await using var server = await HttpBackend.StartAsync();
        server.Respond(BackendAnswer.HangMidBody);

        var failure = await FailAsync(Nothing() with
        {
            Release = _archive.ReleaseAt(server.Address), StallTimeout = TimeSpan.FromMilliseconds(200),
        });

        Assert.Contains("sent nothing for 0.2 s", failure, StringComparison.Ordinal);
        Assert.Empty(Binaries());
    }

    [Fact]
    public async Task Find_DownloadBreaksOff_KeepsNothing()
    {
        await using var server = await HttpBackend.StartAsync();
        server.Respond(BackendAnswer.CutMidBody);

        var failure = await FailAsync(Nothing() with { Release = _archive.ReleaseAt(server.Address) });

        Assert.Contains("ended prematurely", failure, StringComparison.Ordinal);
        Assert.Empty(Binaries());
    }

    [Fact]
    public async Task Find_ArchiveWithoutTheBinary_SaysSo()
    {
        await using var server = await HttpBackend.StartAsync();
        var empty = new ConsulArchive(entry: "LICENSE");
        server.Respond(empty.Answer);

        var failure = await FailAsync(Nothing() with { Release = empty.ReleaseAt(server.Address) });

        Assert.Contains("no entry named consul", failure, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_PlatformWithoutPinnedArchive_SaysSoAndAsksNoServer()
    {
        await using var server = await HttpBackend.StartAsync();

        var failure =
            await FailAsync(Nothing() with { Release = _archive.ReleaseAt(server.Address), Platform = "plan9_mips" });

        Assert.Contains("no archive of 9.8.7 is pinned for the platform plan9_mips", failure, StringComparison.Ordinal);
        Assert.Equal(0, server.RequestCount);
    }

    [Fact]
    public async Task Find_NothingWorks_NamesEveryWayWithItsOutcome()
    {
        var failure = await FailAsync(Nothing());

        foreach (var line in new[]
        {
            "CONSUL_BIN: not set",
            "PATH: no consul in it",
            $"cache: nothing in {Cache}",
            "release archive: http://127.0.0.1:1/",
            "distribution package: not tried: this is neither Debian nor Ubuntu",
            "Install Consul",
        })
        {
            Assert.Contains(line, failure, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Find_WithoutAnyCacheFolder_SaysSo() =>
        Assert.Contains(
            "no cache folder", await FailAsync(Nothing() with { CacheFolder = null }), StringComparison.Ordinal);

    [Fact]
    public async Task Find_CacheFolderIsAFile_SaysSo()
    {
        File.WriteAllText(Cache, "");

        Assert.Contains($"cache folder {Cache} cannot be made", await FailAsync(Nothing()), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Find_CancelledWhileDownloading_KeepsNothing()
    {
        await using var server = await HttpBackend.StartAsync();
        server.Respond(BackendAnswer.HangMidBody);
        using var giveUp = new CancellationTokenSource();
        var search =
            new ConsulSearch(Nothing() with { Release = _archive.ReleaseAt(server.Address) }).FindAsync(giveUp.Token);
        await Eventually.TrueAsync(() => server.RequestCount == 1);

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => search);
        Assert.Empty(Binaries());
    }

    [Theory]
    [InlineData("/x/cache", "/home/u", false, "/x/cache/mesh-testing")]
    [InlineData("relative", "/home/u", false, "/home/u/.cache/mesh-testing")]
    [InlineData(null, "/home/u", false, "/home/u/.cache/mesh-testing")]
    [InlineData(null, null, false, null)]
    [InlineData(null, "/local", true, "/local/mesh-testing")]
    [InlineData(null, null, true, null)]
    public void UserCacheFolder_OfAnEnvironment_FollowsTheConventions(
        string? xdg, string? home, bool windows, string? expected) =>
        Assert.Equal(expected, ConsulSearchSettings.UserCacheFolder(
            name => name switch { "XDG_CACHE_HOME" => xdg, "HOME" or "LOCALAPPDATA" => home, _ => null }, windows));

    [Fact]
    public void PinnedRelease_ForEveryPlatform_HasAnHttpsArchiveAndASha256()
    {
        Assert.Contains("linux_amd64", ConsulRelease.Pinned.Sha256ByPlatform.Keys);
        Assert.All(ConsulRelease.Pinned.Sha256ByPlatform, pin => Assert.Matches("^[0-9a-f]{64}$", pin.Value));
        Assert.Equal(Uri.UriSchemeHttps, ConsulRelease.Pinned.Archive("linux_amd64").Scheme);
        Assert.Matches("^(linux|darwin|windows)_[a-z0-9]+$", ConsulRelease.ThisPlatform);
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>A machine where no way works: each test makes one work.</summary>
    private ConsulSearchSettings Nothing() => new()
    {
        CacheFolder = Cache,
        Platform = ConsulArchive.Platform,
        Release = _archive.ReleaseAt(new Uri("http://127.0.0.1:1/")),
        Distribution = new() { OsRelease = "/no/such/os-release" },
    };

    private static Task<string> FindAsync(ConsulSearchSettings settings) =>
        new ConsulSearch(settings).FindAsync(default);

    private static async Task<string> FailAsync(ConsulSearchSettings settings) =>
        (await Assert.ThrowsAsync<ConsulNotFoundException>(() => FindAsync(settings))).Message;

    /// <summary>Every file in the cache but the lock: half-written ones would show here.</summary>
    private string[] Binaries() =>
    [
        .. Directory.GetFiles(Cache, "*", SearchOption.AllDirectories)
            .Where(file => Path.GetFileName(file) != "fetch.lock"),
    ];
}
