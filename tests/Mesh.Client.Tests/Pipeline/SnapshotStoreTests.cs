using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Pipeline;

public sealed class SnapshotStoreTests : IDisposable
{
    private static readonly MeshSelf Self = new("mesh", "web", "web-1", "1", null);

    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-snapshot-").FullName;
    private readonly ManualTimeProvider _time = new();
    private readonly LogCollector _logs = new();
    private readonly MeshSnapshotOptions _options = new();

    private string Path => SnapshotFile.PathFor(System.IO.Path.Combine(_folder, "deep"), Self, "/app")!;

    [Fact]
    public void Record_AfterAMoment_IsReadByTheNextRun()
    {
        using var store = Store();
        store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
        store.RecordDocuments([new SnapshotText("policy/global", "dc1", 7, "{}")], _time.GetUtcNow(), changed: true);
        Assert.False(File.Exists(Path));

        _time.Advance(TimeSpan.FromSeconds(5));

        using var next = Store();
        var endpoint = Assert.Single(next.FindEndpoints("orders")!);
        Assert.True(EndpointContent.Same(Endpoint() with { Vanished = false }, endpoint));
        Assert.Equal(new SnapshotText("policy/global", "dc1", 7, "{}"), Assert.Single(next.FindDocuments()!));
        Assert.Null(next.FindEndpoints("pricing"));
    }

    [Fact]
    public void Write_OnUnix_IsForItsOwnerOnlyAndLeavesNothingElse()
    {
        using (var store = Store())
        {
            store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
        }

        Assert.Equal([Path], Directory.GetFiles(System.IO.Path.GetDirectoryName(Path)!));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path));
        }
    }

    [Fact]
    public void Find_TooOldEach_IsNotUsed()
    {
        using (var store = Store())
        {
            store.RecordEndpoints("old", [Endpoint()], _time.GetUtcNow() - TimeSpan.FromHours(25), changed: true);
            store.RecordEndpoints("new", [Endpoint()], _time.GetUtcNow() - TimeSpan.FromHours(23), changed: true);
            store.RecordDocuments([], _time.GetUtcNow() - TimeSpan.FromHours(25), changed: true);
        }

        using var next = Store();
        Assert.Null(next.FindEndpoints("old"));
        Assert.NotNull(next.FindEndpoints("new"));
        Assert.Null(next.FindDocuments());
    }

    [Fact]
    public void Record_ServiceNotCalledThisRun_IsCarriedOver()
    {
        using (var store = Store())
        {
            store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
        }

        using (var store = Store())
        {
            store.RecordEndpoints("pricing", [Endpoint()], _time.GetUtcNow(), changed: true);
        }

        using var next = Store();
        Assert.NotNull(next.FindEndpoints("orders"));
        Assert.NotNull(next.FindEndpoints("pricing"));
    }

    [Fact]
    public void SeenWithTls_OutlivesEverythingElse_UntilItIsForgotten()
    {
        using (var store = Store())
        {
            store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
            store.RecordTls("orders", seen: true);
            store.RecordTls("pricing", seen: true);
        }

        _time.Advance(TimeSpan.FromDays(400));
        using (var store = Store())
        {
            Assert.Null(store.FindEndpoints("orders"));
            Assert.True(store.WasSeenWithTls("orders"));
            Assert.False(store.WasSeenWithTls("billing"));

            // Something else is written: what this run has not touched is kept.
            store.RecordTls("billing", seen: true);
            store.RecordTls("pricing", seen: false);
            Assert.False(store.WasSeenWithTls("pricing"));
        }

        using var next = Store();
        Assert.True(next.WasSeenWithTls("orders"));
        Assert.True(next.WasSeenWithTls("billing"));
        Assert.False(next.WasSeenWithTls("pricing"));
    }

    [Fact]
    public void Intentions_AreKeptInFull_HoweverOld_AndWhoeverElseIsRecorded()
    {
        var intention = new Intention
        {
            SourceName = "web",
            SourcePeer = "cloud",
            DestinationName = "web",
            ModifyIndex = 7,
            Permissions =
            [
                new IntentionPermission
                {
                    Action = IntentionAction.Allow,
                    PathPrefix = "/a",
                    Methods = ["GET"],
                    Headers = [new IntentionHeader { Name = "x", Exact = "1", Invert = true }],
                    TokenProviders =
                    [
                        new IntentionTokenProvider { Name = "okta", Claims = [new IntentionClaim { Path = ["a"], Value = "b" }] },
                    ],
                    IsUnknown = true,
                },
            ],
        };
        using (var store = Store())
        {
            Assert.Null(store.FindIntentions());
            store.RecordIntentions(
                new SnapshotIntentions(_time.GetUtcNow(), 9, "td", false, [new SnapshotIntention(intention, true)]),
                changed: true);
        }

        _time.Advance(TimeSpan.FromDays(400));
        using (var store = Store())
        {
            store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
        }

        using var next = Store();
        var found = next.FindIntentions()!;
        Assert.Equal((9UL, "td", false), (found.Index, found.TrustDomain, found.DefaultAllows));
        var (read, isOrphaned) = Assert.Single(found.Intentions);
        Assert.True(isOrphaned);
        Assert.Equivalent(intention, read, strict: true);
    }

    [Fact]
    public void Intentions_OfAnEarlierVersionOrCut_AreNone()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        foreach (var part in new[] { "", """, "intentions": null""", """, "intentions": {}""" })
        {
            File.WriteAllText(Path, $$"""{ "schema": 1, "mesh": "mesh", "service": "web", "services": {}{{part}} }""");
            using var store = Store();

            Assert.Null(store.FindIntentions());
        }
    }

    [Fact]
    public void SeenWithTls_SnapshotOfAnEarlierVersion_SawNothing()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, """{ "schema": 1, "mesh": "mesh", "service": "web", "services": {} }""");
        using var store = Store();

        Assert.False(store.WasSeenWithTls("orders"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("""{ "schema": 99, "mesh": "mesh", "service": "web" }""")]
    [InlineData("""{ "schema": 1, "mesh": "mesh", "service": "other" }""")]
    public void Find_FileThatIsNotOurs_IsIgnoredWithOneLog(string content)
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, content);
        using var store = Store();

        Assert.Null(store.FindEndpoints("orders"));
        Assert.Null(store.FindDocuments());

        Assert.Single(_logs.Of(1050));
    }

    [Fact]
    public void Find_NewerMembersAndBrokenEndpoints_AreSkipped()
    {
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        File.WriteAllText(Path, $$"""
            { "schema": 1, "mesh": "mesh", "service": "web", "later": { "x": 1 }, "services": { "orders": {
              "confirmedAt": "{{_time.GetUtcNow():O}}",
              "endpoints": [ { "id": "a", "host": "h", "port": 80, "later": 1 }, { "id": "b", "host": "h", "port": 0 } ] } } }
            """);
        using var store = Store();

        Assert.Equal("a", Assert.Single(store.FindEndpoints("orders")!).Id);
    }

    [Fact]
    public void Write_FolderThatCannotBe_IsLoggedOnceAndHarmless()
    {
        File.WriteAllText(System.IO.Path.Combine(_folder, "deep"), "a file where a folder should be");
        using var store = Store();
        for (var i = 0; i < 3; i++)
        {
            store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.Single(_logs.Of(1051));
    }

    [Fact]
    public void Refresh_WhileTheWallClockIsSetBack_StillHappens()
    {
        using var store = Store();
        store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
        _time.Advance(TimeSpan.FromSeconds(5));
        var written = File.GetLastWriteTimeUtc(Path);
        File.SetLastWriteTimeUtc(Path, written.AddDays(-1));

        _time.ShiftUtc(TimeSpan.FromHours(-1));
        _time.Advance(TimeSpan.FromMinutes(59));
        store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: false);
        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.True(File.GetLastWriteTimeUtc(Path) >= written, "The snapshot was not written again.");
    }

    [Fact]
    public void Disabled_NothingIsReadOrWritten()
    {
        _options.Enabled = false;
        using (var store = Store())
        {
            store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: true);
            _time.Advance(TimeSpan.FromSeconds(5));
        }

        Assert.False(File.Exists(Path));
    }

    [Fact]
    public void Write_DiskFull_IsSaidOnceAndTriedAgainUntilItWorks()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var temporary = $"{Path}.{Environment.ProcessId}.tmp";
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
        using var store = Store();
        for (var attempt = 0; attempt < 3; attempt++)
        {
            // Whatever is written there finds the disk full.
            File.CreateSymbolicLink(temporary, "/dev/full");
            store.RecordEndpoints("orders", [Endpoint()], _time.GetUtcNow(), changed: attempt == 0);
            _time.Advance(TimeSpan.FromSeconds(attempt == 0 ? 5 : 60));
            Assert.False(File.Exists(temporary));
            Assert.False(File.Exists(Path));
        }

        _time.Advance(TimeSpan.FromSeconds(61));

        Assert.Contains("space", Assert.Single(_logs.Of(1051)), StringComparison.OrdinalIgnoreCase);
        using var next = Store();
        Assert.NotNull(next.FindEndpoints("orders"));
    }

    [Fact]
    public void PathFor_ProgramFolders_TellDeploymentsApart()
    {
        Assert.NotEqual(SnapshotFile.PathFor(_folder, Self, "/a"), SnapshotFile.PathFor(_folder, Self, "/b"));
        Assert.StartsWith("mesh.web.", System.IO.Path.GetFileName(SnapshotFile.PathFor(_folder, Self, "/a")));
        Assert.DoesNotContain(
            "..", SnapshotFile.PathFor("f", Self with { Service = "../../x" }, "/a"), StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static EndpointInfo Endpoint() => new()
    {
        Id = "dc1/n1/o1",
        Host = "10.0.0.1",
        Port = 80,
        Weight = 3,
        Health = EndpointHealth.Warning,
        Vanished = true,
        Node = "n1",
        Datacenter = "dc1",
        Zone = "a",
        Tags = ["blue"],
        Metadata = new Dictionary<string, string> { ["version"] = "2" },
    };

    private SnapshotStore Store() => new(
        _options, Self, new SnapshotFile(Path, Self), _time, new LoggerFactory([_logs]).CreateLogger<SnapshotStore>());
}
