using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// Finds out that the agent has no connections left for others. Who holds many never notices by itself: its connections
/// stay open, while processes that start later are turned away. So a process with many watches opens one more connection
/// every now and then, and closes it again; when the agent refuses it, it is time to give some back.
/// </summary>
internal sealed class ConnectionProbe(DiscoveryContext context)
{
    /// <summary>Soon: a machine that starts starts all of its processes.</summary>
    private static readonly TimeSpan First = TimeSpan.FromSeconds(3);

    /// <summary>+-50 %. Each of the crowd asks this often, so together they notice within a second or two.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(15);

    /// <summary>One refusal proves little; the second opinion is asked for at once.</summary>
    private static readonly TimeSpan SecondOpinion = TimeSpan.FromMilliseconds(200);

    private CancellationTokenSource? _running;

    /// <summary>Starts or stops; harmless when it already does, or does not. Its owner serialises.</summary>
    public void Run(bool needed)
    {
        if (needed && _running is null)
        {
            _running = new CancellationTokenSource();
            _ = BackgroundWork.Keep(
                "connection probe", RunAsync, context.Time, context.Random, context.Logger, _running.Token);
        }
        else if (!needed && _running is { } running)
        {
            _running = null;
            running.Cancel();
            running.Dispose();
        }
    }

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        for (var every = First; ; every = Every)
        {
            var pause = every * (0.5 + context.Random.NextDouble());
            await Task.Delay(pause, context.Time, cancellationToken).ConfigureAwait(false);
            if (await IsRefusedAsync(cancellationToken).ConfigureAwait(false))
            {
                await Task.Delay(SecondOpinion, context.Time, cancellationToken).ConfigureAwait(false);
                await IsRefusedAsync(cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task<bool> IsRefusedAsync(CancellationToken cancellationToken)
    {
        try
        {
            await context.Client.ProbeConnectionAsync(cancellationToken).ConfigureAwait(false);
            return false;
        }
        catch (ConsulException error)
        {
            // Any other trouble is the watches' to tell: theirs are the connections that matter.
            context.Link.Probed(error);
            return error.IsConnectionLimit;
        }
    }
}
