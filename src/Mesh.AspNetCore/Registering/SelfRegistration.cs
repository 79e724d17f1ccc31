using System.Net;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Consul;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// Registers this instance once it is ready, reports its health, and registers it again when Consul forgot it.
/// </summary>
internal sealed class SelfRegistration(
    MeshConsul consul,
    RegistrationFactory factory,
    ReadyChecks ready,
    MeshSelf self,
    IOptions<MeshServerOptions> options,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<SelfRegistration> logger) : IRegistration
{
    private static readonly TimeSpan ReadyPause = TimeSpan.FromSeconds(1);

    private readonly MeshServerOptions _options = options.Value;
    private readonly Outage _outage = new(time, random);
    private bool _known;
    private int _tokenChanges;
    private bool _tried;

    public async Task RunAsync(Listener listener, CancellationToken cancellationToken)
    {
        var registration = await factory.CreateAsync(listener, cancellationToken).ConfigureAwait(false);
        var state = await WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
        while (true)
        {
            var pause = await TellAsync(registration, state, cancellationToken).ConfigureAwait(false);
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
            state = await ready.CheckAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        // Also after a try that failed: it may have reached Consul all the same.
        if (!_tried)
        {
            return;
        }

        using var limit = new CancellationTokenSource(_options.DeregisterTimeout, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await consul.Client.DeregisterServiceAsync(self.Instance, both.Token).ConfigureAwait(false);
            ServerLog.Deregistered(logger, self.Service, self.Instance);
        }
        catch (Exception error) when (error is ConsulException or OperationCanceledException)
        {
            ServerLog.DeregisterFailed(logger, self.Service, self.Instance, _options.Ttl, error.Message);
        }
    }

    private async Task<ReadyState> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var waiting = new Outage(time, random);
        while (true)
        {
            var state = await ready.CheckAsync(cancellationToken).ConfigureAwait(false);
            if (state.Health != ConsulHealth.Critical)
            {
                return state;
            }

            if (waiting.Continues())
            {
                ServerLog.NotReady(logger, self.Service, self.Instance, state.Output);
            }

            await Task.Delay(ReadyPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>How long to wait before the next word.</returns>
    private async Task<TimeSpan> TellAsync(
        ServiceRegistration registration, ReadyState state, CancellationToken cancellationToken)
    {
        // An agent that hangs must not hang the heartbeat.
        using var limit = new CancellationTokenSource(_options.Heartbeat, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            NoticeToken();
            if (_known && !await ReportAsync(state, both.Token).ConfigureAwait(false))
            {
                _known = false;
                ServerLog.Forgotten(logger, self.Service, self.Instance);
            }

            if (!_known)
            {
                await RegisterAsync(registration, state.Health, both.Token).ConfigureAwait(false);
            }

            if (_outage.Ends())
            {
                ServerLog.ConsulBack(logger, consul.Client.Address);
            }

            return _options.Heartbeat * (0.9 + (random.NextDouble() / 10));
        }
        catch (Exception error) when (
            error is ConsulException ||
            (error is OperationCanceledException && !cancellationToken.IsCancellationRequested))
        {
            // With a token that is deleted, the agent itself can neither report nor remove the instance any more. The next
            // word is a registration, with whatever token there is then.
            var denied = error is ConsulException { IsPermissionDenied: true };
            _known &= !denied;
            if (_outage.Continues())
            {
                Log(denied, error.Message);
            }

            return _outage.Pause(_options.Heartbeat);
        }
    }

    private void Log(bool denied, string reason)
    {
        if (denied)
        {
            ServerLog.Denied(logger, self.Service, self.Instance, reason);
        }
        else
        {
            ServerLog.ConsulUnreachable(logger, consul.Client.Address, self.Service, self.Instance, reason);
        }
    }

    /// <summary>
    /// The agent tells the catalog about an instance with the token of its registration, and would go on with the old one
    /// until that is deleted; from then on neither a failed check nor the instance's end would be seen by anybody.
    /// </summary>
    private void NoticeToken()
    {
        var changes = consul.Client.TokenChanges;
        if (changes != _tokenChanges)
        {
            _tokenChanges = changes;
            _known = false;
        }
    }

    private async Task RegisterAsync(
        ServiceRegistration registration, ConsulHealth health, CancellationToken cancellationToken)
    {
        _tried = true;
        await consul.Client.RegisterServiceAsync(RegistrationFactory.With(registration, health), cancellationToken)
            .ConfigureAwait(false);
        _known = true;
        ServerLog.Registered(
            logger, registration.Name, registration.Id, registration.Address!, registration.Port,
            registration.Meta[Mesh.Client.MeshMetadata.Protocols]);
    }

    /// <returns>False when the agent does not know this instance.</returns>
    private async Task<bool> ReportAsync(ReadyState state, CancellationToken cancellationToken)
    {
        if (_options.Check == MeshCheckKind.Http)
        {
            var known = await consul.Client.GetAgentServicesAsync(cancellationToken).ConfigureAwait(false);
            return known.ContainsKey(self.Instance);
        }

        try
        {
            await consul.Client.UpdateCheckAsync(factory.CheckId, state.Health, state.Output, cancellationToken)
                .ConfigureAwait(false);
            return true;
        }
        catch (ConsulException error) when (
            error.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.InternalServerError)
        {
            // Older agents say 500 for a check they do not know. Registering again is right for the rest of 500s, too:
            // it changes nothing when the agent does know the instance, and fails with the agent's words when it
            // cannot.
            return false;
        }
    }
}
