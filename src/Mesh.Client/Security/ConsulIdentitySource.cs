using System.Security.Cryptography.X509Certificates;
using Mesh.Consul;

namespace Mesh.Client.Security;

/// <summary>
/// The identity that Consul Connect's authority gives through the agent: leaf and roots are watched by blocking queries, once
/// a first question showed that the agent has such an authority and this token may use it.
/// </summary>
/// <param name="client">The process's one.</param>
/// <param name="service">Whose leaf it is.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Keeps processes that fail together apart. A start needs no jitter: processes rarely start within the
/// same second, the agent keeps what it was given, and calls wait for the answer.</param>
internal sealed class ConsulIdentitySource(ConsulClient client, string service, TimeProvider time, Random random)
    : IIdentitySource
{
    /// <summary>The authority's limit (50 a second) is counted anew long before; one question in each such window.</summary>
    private static readonly TimeSpan SigningWindow = TimeSpan.FromSeconds(30);

    // Guards the fields below: what the watches learned last. Offers are made under it, so that they come in order.
    private readonly SemaphoreSlim _turn = new(1, 1);
    private ConnectLeaf? _leaf;
    private ConnectRoots? _roots;
    private string _offered = "";

    public string Name => "consul";

    public async Task RunAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        await FirstAsync(keeper, cancellationToken).ConfigureAwait(false);
        var options = new BlockingQueryOptions { Consistency = ConsulConsistency.Default };
        var leaves = new BlockingQuery<ConnectLeaf>(
            client, (query, token) => client.GetConnectLeafAsync(service, query, token), options, time, random);
        var roots = new BlockingQuery<ConnectRoots>(client, client.GetConnectRootsAsync, options, time, random);
        await Task.WhenAll(
            leaves.RunAsync(
                new Observer<ConnectLeaf>(keeper, leaf => LearnAsync(keeper, leaf, null, cancellationToken)), cancellationToken),
            roots.RunAsync(
                new Observer<ConnectRoots>(keeper, found => LearnAsync(keeper, null, found, cancellationToken)), cancellationToken),
            new LeafRenewal(keeper, token => AskAgainAsync(keeper, token), time, random).RunAsync(cancellationToken))
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Asks until leaf and roots are there. No watch yet: an agent without an authority, or a token without the right, is asked
    /// seldom.
    /// </summary>
    private async Task FirstAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        for (var failures = 0; ; failures++)
        {
            TimeSpan pause;
            try
            {
                await AskAsync(keeper, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (ConsulException error)
            {
                var reason = ReasonOf(error);
                keeper.Fail(reason, error.Message);
                pause = PauseAfter(reason, failures);
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        var roots = await client.GetConnectRootsAsync(ConsulQuery.None, cancellationToken).ConfigureAwait(false);
        var leaf = await client.GetConnectLeafAsync(service, ConsulQuery.None, cancellationToken).ConfigureAwait(false);
        await LearnAsync(keeper, leaf.Value, roots.Value, cancellationToken).ConfigureAwait(false);
    }

    private async Task LearnAsync(
        IdentityKeeper keeper, ConnectLeaf? leaf, ConnectRoots? roots, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (leaf is not null && roots is null && leaf.CertificatePem != _leaf?.CertificatePem)
            {
                // It may be of a root that the other watch has not heard of yet.
                roots = (await client.GetConnectRootsAsync(ConsulQuery.None, cancellationToken).ConfigureAwait(false)).Value;
            }

            (_leaf, _roots) = (leaf ?? _leaf, roots ?? _roots);
            if (_leaf is not null && _roots is not null)
            {
                Offer(keeper, _leaf, _roots);
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    private void Offer(IdentityKeeper keeper, ConnectLeaf leaf, ConnectRoots roots)
    {
        // Watches answer each minute, also when nothing changed.
        var content = string.Concat(roots.Roots.Select(r => r.CertificatePem).Append(roots.TrustDomain).Append(leaf.CertificatePem));
        if (content == _offered)
        {
            keeper.Confirm();
            return;
        }

        try
        {
            var trusted = new X509Certificate2Collection();
            foreach (var root in roots.Roots)
            {
                trusted.AddRange(LeafMaterial.Certificates(root.CertificatePem, $"Consul's root {root.Id}"));
            }

            keeper.Offer(
                LeafMaterial.FromPem(leaf.CertificatePem, leaf.PrivateKeyPem),
                new Dictionary<string, X509Certificate2Collection>(StringComparer.Ordinal) { [roots.TrustDomain] = trusted });
            _offered = content;
        }
        catch (CertificateException error)
        {
            keeper.Fail(error.Reason, error.Message);
        }
    }

    /// <summary>The agent renews by itself, and the watch hears of it. Should it not have in time, it is asked.</summary>
    private async Task AskAgainAsync(IdentityKeeper keeper, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(keeper, cancellationToken).ConfigureAwait(false);
        }
        catch (ConsulException error)
        {
            keeper.Fail(ReasonOf(error), error.Message);
        }
    }

    private static string ReasonOf(Exception error) => error switch
    {
        ConsulException { IsConnectDisabled: true } => MeshReasons.ConnectDisabled,
        ConsulException { IsPermissionDenied: true } => MeshReasons.Acl,
        ConsulException { IsRateLimited: true } => MeshReasons.AuthorityBusy,
        _ => MeshReasons.RegistryLost,
    };

    /// <summary>Full jitter under a bound that doubles; what a person must change first is asked for less often.</summary>
    private TimeSpan PauseAfter(string reason, int failures)
    {
        if (reason == MeshReasons.AuthorityBusy)
        {
            return SigningWindow * (0.5 + random.NextDouble());
        }

        var (first, most) = reason switch
        {
            MeshReasons.ConnectDisabled => (TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5)),
            MeshReasons.Acl => (TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1)),
            _ => (TimeSpan.FromSeconds(0.5), TimeSpan.FromSeconds(15)),
        };
        var bound = TimeSpan.FromSeconds(Math.Min(first.TotalSeconds * Math.Pow(2, Math.Min(failures, 20)), most.TotalSeconds));

        // Never at once again: a tenth of the bound at least.
        return bound * (0.1 + (0.9 * random.NextDouble()));
    }

    private sealed class Observer<T>(IdentityKeeper keeper, Func<T, Task> learn) : IBlockingQueryObserver<T>
    {
        public async ValueTask OnResultAsync(ConsulResponse<T> response, BlockingQueryTransition transition) =>
            await learn(response.Value).ConfigureAwait(false);

        public void OnFailure(Exception error, int failures) => keeper.Fail(ReasonOf(error), error.Message);
    }
}
