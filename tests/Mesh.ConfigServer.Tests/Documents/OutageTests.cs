using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Tests.Support;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.ConfigServer.Tests.Documents;

public sealed class OutageTests
{
    private const string Orders = "policy/services/orders";
    private const string Payments = "policy/services/payments";

    [Fact]
    public async Task NothingKnown_IsNotReady_AndNeverAnEmptyAnswer()
    {
        await using var consul = await ConsulAgent.StartAsync();
        await consul.StopAsync();
        await using var desk = await TestDesk.StartAsync(consul.Address);

        foreach (var path in new[] { "/readyz", "/v1/policies", "/v1/policies/orders", "/v1/policies/stream" })
        {
            using var answer = await desk.Http.GetAsync(path);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        }

        using var alive = await desk.Http.GetAsync("/healthz");
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);

        await consul.RestartAsync();
        await desk.ReadyAsync();
        Assert.Empty((await desk.ListAsync()).Documents);
    }

    [Fact]
    public async Task Restart_WhileConsulIsDown_RemembersEverything()
    {
        await using var consul = await ConsulAgent.StartAsync();
        PolicyListWire before;
        string mesh, folder;
        await using (var first = await TestDesk.StartAsync(consul.Address))
        {
            (mesh, folder) = (first.Mesh, first.KeepFolder());
            await first.PutAsync(Orders, Texts.Attempts3);
            await first.WaitAsync(Orders, PolicyDocumentState.Accepted);
            await first.PutAsync(Orders, Texts.TwoMistakes);
            await first.WaitAsync(Orders, PolicyDocumentState.Refused);
            before = await first.ListAsync();
        }

        await consul.StopAsync();
        await using var second = await TestDesk.StartAsync(consul.Address, mesh: mesh, folder: folder);

        await second.ReadyAsync();
        var after = await second.ListAsync();
        Assert.Equal(before.Hash, after.Hash);
        var (was, now) = (Assert.Single(before.Documents), Assert.Single(after.Documents));
        Assert.Equal((was.Revision, was.LastGood, was.State), (now.Revision, now.LastGood, now.State));
        Assert.Equal(was.Problems, now.Problems);
        Assert.Contains(
            "\"maxAttempts\": 3", await second.Http.GetStringAsync("/v1/policies/orders"), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
        {
            var file = Assert.Single(Directory.GetFiles(folder));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        }
    }

    [Fact]
    public async Task DeletedWhileTheDeskWasDown_IsGone()
    {
        await using var consul = await ConsulAgent.StartAsync();
        await using var writer = await TestDesk.StartAsync(consul.Address);
        string folder;
        await using (var first = await TestDesk.StartAsync(consul.Address, mesh: writer.Mesh))
        {
            folder = first.KeepFolder();
            await first.PutAsync(Orders, Texts.Attempts3);
            await first.PutAsync(Payments, Texts.Attempts3);
            await first.WaitAsync(Orders, PolicyDocumentState.Accepted);
            await first.WaitAsync(Payments, PolicyDocumentState.Accepted);
        }

        await writer.DeleteAsync(Orders);
        await using var second = await TestDesk.StartAsync(consul.Address, mesh: writer.Mesh, folder: folder);

        await Eventually.TrueAsync(
            async () => await second.FindAsync(Orders) is null, "the document to go", second.Log.Text);
        Assert.NotNull(await second.FindAsync(Payments));
    }

    [Fact]
    public async Task Agent_RestartedWithoutItsData_OrphansWhatWasThere_UntilItIsWritten()
    {
        await using var consul = await ConsulAgent.StartAsync();
        await using var desk = await TestDesk.StartAsync(consul.Address);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        var hash = (await desk.ListAsync()).Hash;

        await consul.RestartAsync();

        await desk.WaitAsync(Orders, PolicyDocumentState.Orphaned);
        Assert.Equal(hash, (await desk.ListAsync()).Hash);
        await desk.PutAsync(Orders, Texts.Attempts4);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
    }

    [Fact]
    public async Task NarrowedToken_OrphansWhatItHides()
    {
        await using var consul = await ConsulAgent.StartAsync(new ConsulAgentOptions
        {
            AclDefaultDeny = true,
            ExtraConfig = """{ "acl": { "policy_ttl": "100ms", "token_ttl": "100ms" } }""",
        });
        const string rest =
            """ service_prefix "" { policy = "write" } node_prefix "" { policy = "read" } """;
        var token = await consul.CreateTokenAsync("""key_prefix "" { policy = "write" }""" + rest);
        await using var desk = await TestDesk.StartAsync(
            consul.Address, [$"Desk:Consul:Token={token}", "Desk:Consul:Datacenter=dc1"],
            token: consul.ManagementToken);
        await desk.PutAsync(Orders, Texts.Attempts3);
        await desk.PutAsync(Payments, Texts.Attempts3);
        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);
        await desk.WaitAsync(Payments, PolicyDocumentState.Accepted);

        await consul.UpdateTokenAsync(token, $$"""key_prefix "{{desk.Mesh}}/policy/services/pay" { policy = "write" }""" + rest);

        // Nothing wakes the watch when a token changes; the next write does, once the agent has forgotten the old
        // rules.
        var writes = 0;
        await Eventually.TrueAsync(async () =>
        {
            await desk.PutAsync(Payments, writes++ % 2 == 0 ? Texts.Attempts4 : Texts.Attempts3);
            return (await desk.FindAsync(Orders))!.State == PolicyDocumentState.Orphaned;
        }, "the hidden document to be orphaned", desk.Log.Text);
        Assert.Contains(
            "\"maxAttempts\": 3", await desk.Http.GetStringAsync("/v1/policies/orders"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task FolderThatCannotBeWritten_IsSaid_AndChangesNothingElse()
    {
        await using var consul = await ConsulAgent.StartAsync();
        var file = Path.GetTempFileName();
        await using var desk = await TestDesk.StartAsync(consul.Address, folder: file);
        await desk.PutAsync(Orders, Texts.Attempts3);

        await desk.WaitAsync(Orders, PolicyDocumentState.Accepted);

        await Eventually.TrueAsync(() => desk.Log.Count(8009) == 1, "word of the folder", desk.Log.Text);
        File.Delete(file);
    }
}
