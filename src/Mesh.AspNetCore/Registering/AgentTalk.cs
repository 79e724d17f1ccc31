using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Consul;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// What one instance says to Consul's agent: at the pace of heartbeats, bounded in time, and with a line in the log when
/// the agent is lost, once a minute, and when it is back. One for each registration, which says one thing at a time.
/// </summary>
internal sealed class AgentTalk(
    MeshConsul consul,
    MeshSelf self,
    MeshServerOptions options,
    RegistrationState standing,
    TimeProvider time,
    Random random,
    ILogger logger)
{
    private readonly Outage _outage = new(time, random);

    /// <summary>Says something once; trouble with the agent is logged.</summary>
    /// <returns>How long to wait before the next word.</returns>
    public async Task<TimeSpan> SayAsync(Func<CancellationToken, Task> word, CancellationToken cancellationToken)
    {
        // An agent that hangs must not hang the heartbeat.
        var failure = await TryAsync(word, options.Heartbeat, cancellationToken).ConfigureAwait(false);
        if (failure is null)
        {
            standing.Heard();
            if (_outage.Ends())
            {
                ServerLog.ConsulBack(logger, consul.Client.Address);
            }

            return options.Heartbeat * (0.9 + (random.NextDouble() / 10));
        }

        cancellationToken.ThrowIfCancellationRequested();
        standing.Failed(failure.Message);
        if (_outage.Continues())
        {
            Tell(failure);
        }

        return _outage.Pause(options.Heartbeat);
    }

    /// <summary>Says the last thing before the process stops.</summary>
    /// <returns>Why it was not heard; <see langword="null"/> when it was.</returns>
    public async Task<string?> LeaveAsync(Func<CancellationToken, Task> word, CancellationToken cancellationToken) =>
        (await TryAsync(word, options.DeregisterTimeout, cancellationToken).ConfigureAwait(false))?.Message;

    private void Tell(Exception failure)
    {
        if (failure is ConsulException { IsPermissionDenied: true })
        {
            ServerLog.Denied(logger, self.Service, self.Instance, failure.Message);
        }
        else
        {
            ServerLog.ConsulUnreachable(logger, consul.Client.Address, self.Service, self.Instance, failure.Message);
        }
    }

    private async Task<Exception?> TryAsync(
        Func<CancellationToken, Task> word, TimeSpan within, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(within, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await word(both.Token).ConfigureAwait(false);
            return null;
        }
        catch (Exception error) when (error is ConsulException or OperationCanceledException)
        {
            return limit.IsCancellationRequested && error is OperationCanceledException
                ? new TimeoutException($"The agent did not answer within {within}.", error)
                : error;
        }
    }
}
