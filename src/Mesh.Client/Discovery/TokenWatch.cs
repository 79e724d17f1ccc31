using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;
using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// Asks from time to time whether the token may still do what this process needs: a blocked read notices a lost permission
/// only when something wakes it, minutes later, and then takes it for an empty answer. One small read each 30 to 60
/// seconds, and soon after something looks odd.
/// </summary>
internal sealed class TokenWatch : IDisposable
{
    /// <summary>At least this long between two questions, up to twice of it: fleets must not ask in step.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    /// <summary>The same while the token lacks something, so that its repair is seen soon.</summary>
    private static readonly TimeSpan Troubled = TimeSpan.FromSeconds(5);

    /// <summary>However odd things look, Consul is not asked more often.</summary>
    private static readonly TimeSpan Soonest = TimeSpan.FromSeconds(2);

    private readonly DiscoveryContext _context;
    private readonly Func<IReadOnlyList<ConsulPermission>> _needed;
    private readonly Action _healed;
    private readonly CancellationTokenSource _life = new();
    private readonly SemaphoreSlim _odd = new(0, 1);
    private int _tokenChanges;

    /// <param name="context">What the watches share.</param>
    /// <param name="needed">What the process needs now.</param>
    /// <param name="healed">
    /// Called when reads that are under way may be blind to what the token may see by now.
    /// </param>
    public TokenWatch(DiscoveryContext context, Func<IReadOnlyList<ConsulPermission>> needed, Action healed)
    {
        (_context, _needed, _healed) = (context, needed, healed);
        _tokenChanges = context.Client.TokenChanges;
    }

    public void Start() => _ = BackgroundWork.Keep(
        "token watch", RunAsync, _context.Time, _context.Random, _context.Logger, _life.Token);

    /// <summary>An answer lacks what should be there: asks soon.</summary>
    public void Nudge()
    {
        lock (_odd)
        {
            if (_odd.CurrentCount == 0)
            {
                _odd.Release();
            }
        }
    }

    public void Dispose()
    {
        _life.Cancel();
        _life.Dispose();
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Soonest * (0.5 + (_context.Random.NextDouble() / 2)), _context.Time, cancellationToken)
                .ConfigureAwait(false);
            await AskAsync(cancellationToken).ConfigureAwait(false);
            var least = _context.Trouble.Description is null ? Every : Troubled;
            await PauseAsync(least * (1 + _context.Random.NextDouble()), cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AskAsync(CancellationToken cancellationToken)
    {
        try
        {
            var missing = await _context.Canary.MissingAsync(_needed(), cancellationToken).ConfigureAwait(false);
            Count(missing);
            var healed = _context.Trouble.IsExactly(missing);
            var changes = _context.Client.TokenChanges;
            if (healed || changes != _tokenChanges)
            {
                _tokenChanges = changes;
                _healed();
            }
        }
        catch (ConsulException error)
        {
            // Whether Consul answers at all is what the watches tell.
            if (error.IsPermissionDenied)
            {
                _context.Trouble.Refused(error);
            }
        }
    }

    private void Count(IReadOnlyList<ConsulPermission> missing)
    {
        foreach (var permission in missing)
        {
            if (permission.Resource == "key")
            {
                _context.Instruments.PolicyUpdate("kv", "acl");
            }
            else if (permission.Resource == "service" && permission.Segment.Length > 0)
            {
                _context.Instruments.DiscoveryUpdate(permission.Segment, "consul", "acl");
            }
        }
    }

    private async Task PauseAsync(TimeSpan atMost, CancellationToken cancellationToken)
    {
        using var pause = new CancellationTokenSource(atMost, _context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, pause.Token);
        try
        {
            await _odd.WaitAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Nothing odd happened meanwhile.
        }
    }
}
