using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Consul;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>What becomes of answers about intentions, with a Consul that says what it is told.</summary>
public sealed class IntentionWatchTests : IAsyncLifetime
{
    private static readonly MeshSelf Self = new("mesh", "orders", "orders-1", "1", null);
    private static readonly Intention Denial = new() { SourceName = "web", DestinationName = "orders", ModifyIndex = 3 };

    private readonly TemporaryFolder _folder = new();
    private readonly OwnPolicy _policy = new("orders");
    private HttpBackend _backend = null!;
    private ConsulClient _consul = null!;
    private SnapshotStore _store = null!;

    public async Task InitializeAsync()
    {
        _backend = await HttpBackend.StartAsync();

        // The registry's default, for whoever asks.
        _backend.Respond(BackendAnswer.Status(200, """{ "Allowed": true }"""));
        _consul = new ConsulClient(new ConsulClientOptions { Address = _backend.Address.ToString() });
        _store = new SnapshotStore(
            new MeshSnapshotOptions(), Self, new SnapshotFile(Path.Combine(_folder.Path, "snapshot.json"), Self),
            TimeProvider.System, NullLogger<SnapshotStore>.Instance);
    }

    [Fact]
    public async Task FirstAnswer_OfNothingToDecide_LeavesNothingToAskOnEveryRequest()
    {
        using var gate = Gate(NullLogger<IntentionWatch>.Instance, out var watch, starts: true);
        Assert.NotNull(gate.State);

        await watch.OnResultAsync(Answer(7), BlockingQueryTransition.First);

        Assert.True(watch.FirstAnswer.IsCompleted);
        Assert.True(watch.View is { DefaultAllows: true, Intentions.Count: 0 });
        Assert.Null(gate.State);
    }

    [Fact]
    public async Task Answer_IsInForce_ThoughNothingCanBeLogged()
    {
        using var gate = Gate(new ThrowingLogger<IntentionWatch>(), out var watch);
        await watch.OnResultAsync(Answer(7), BlockingQueryTransition.First);
        Assert.Null(gate.State);
        Assert.Throws<InvalidOperationException>(() => watch.OnFailure(new ConsulException("Gone."), 1));
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => watch.OnResultAsync(Answer(8, Denial), BlockingQueryTransition.Recovered).AsTask());

        Assert.NotNull(gate.State?.Intentions);
    }

    public async Task DisposeAsync()
    {
        _store.Dispose();
        _consul.Dispose();
        await _backend.DisposeAsync();
        _folder.Dispose();
    }

    private static ConsulResponse<Intention[]> Answer(ulong index, params Intention[] intentions) =>
        new(intentions, index, KnownLeader: true, LastContact: TimeSpan.Zero, Date: null, NotFound: false);

    // What the watch itself asks once it has begun gets no answer that it could read.
    private AuthorizationGate Gate(ILogger<IntentionWatch> logger, out IntentionWatch watch, bool starts = false)
    {
        watch = new IntentionWatch(
            _consul, "orders", null, new NoIdentity(), _store, new ManualTimeProvider(), new Random(1), logger);
        if (starts)
        {
            watch.Start();
        }

        return new AuthorizationGate(
            _policy, new NoIdentity(), watch, new Dictionary<string, string>(), NullLogger<AuthorizationGate>.Instance);
    }
}
