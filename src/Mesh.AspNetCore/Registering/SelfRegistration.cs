using System.Net;
using Mesh.AspNetCore.Door;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
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
    RegistrationState standing,
    IMeshIdentity identity,
    OwnPolicy policy,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<SelfRegistration> logger) : IRegistration
{
    private static readonly TimeSpan ReadyPause = TimeSpan.FromSeconds(1);

    // An authority that works answers within a second; one that does not must not keep a service from its callers, who
    // may do without TLS.
    private static readonly TimeSpan IdentityPatience = TimeSpan.FromSeconds(10);

    private readonly MeshServerOptions _options = options.Value;
    private readonly AgentTalk _agent = new(consul, self, options.Value, standing, time, random, logger);
    private bool _known;
    private int _tokenChanges;
    private bool _tried;
    private ServiceRegistration? _registration;
    private DoorOffer _offered;

    public async Task RunAsync(Listener listener, CancellationToken cancellationToken)
    {
        await WaitForIdentityAsync(cancellationToken).ConfigureAwait(false);
        var state = await WaitUntilReadyAsync(cancellationToken).ConfigureAwait(false);
        using var changes = new Changes(identity, policy);
        while (true)
        {
            changes.Forget();
            var current = state;
            var pause = await _agent.SayAsync(word => TellAsync(listener, current, word), cancellationToken)
                .ConfigureAwait(false);
            await changes.WaitAsync(pause, time, cancellationToken).ConfigureAwait(false);
            state = await ready.CheckAsync(cancellationToken).ConfigureAwait(false);
            standing.Checked(state);
        }
    }

    public async Task LeaveAsync(CancellationToken cancellationToken)
    {
        // Also after a try that failed: it may have reached Consul all the same.
        if (!_tried)
        {
            return;
        }

        var failure = await _agent.LeaveAsync(
            word => consul.Client.DeregisterServiceAsync(self.Instance, word), cancellationToken).ConfigureAwait(false);
        if (failure is null)
        {
            standing.Enter("left", self.Instance);
            ServerLog.Deregistered(logger, self.Service, self.Instance);
        }
        else
        {
            ServerLog.DeregisterFailed(logger, self.Service, self.Instance, _options.Ttl, failure);
        }
    }

    /// <summary>Callers that learn of the instance should learn at once that it speaks TLS.</summary>
    private async Task WaitForIdentityAsync(CancellationToken cancellationToken)
    {
        try
        {
            await identity.FirstAnswer.WaitAsync(IdentityPatience, time, cancellationToken).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            ServerLog.RegisteredWithoutIdentity(logger, self.Service, self.Instance, IdentityPatience);
        }
    }

    private async Task<ReadyState> WaitUntilReadyAsync(CancellationToken cancellationToken)
    {
        var waiting = new Outage(time, random);
        while (true)
        {
            var state = await ready.CheckAsync(cancellationToken).ConfigureAwait(false);
            standing.Checked(state);
            if (state.Health != ConsulHealth.Critical)
            {
                return state;
            }

            standing.Enter("waiting", self.Instance);
            if (waiting.Continues())
            {
                ServerLog.NotReady(logger, self.Service, self.Instance, state.Output);
            }

            await Task.Delay(ReadyPause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task TellAsync(Listener listener, ReadyState state, CancellationToken cancellationToken)
    {
        var registration = await CurrentAsync(listener, cancellationToken).ConfigureAwait(false);
        try
        {
            NoticeToken();
            if (_known && !await ReportAsync(state, cancellationToken).ConfigureAwait(false))
            {
                _known = false;
                standing.Enter("forgotten", self.Instance);
                ServerLog.Forgotten(logger, self.Service, self.Instance);
            }

            if (!_known)
            {
                await RegisterAsync(registration, state.Health, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (ConsulException error) when (error.IsPermissionDenied)
        {
            // With a token that is deleted, the agent itself can neither report nor remove the instance any more. The next
            // word is a registration, with whatever token there is then.
            _known = false;
            throw;
        }
    }

    /// <summary>The registration as it should be now; a changed one is told at once.</summary>
    private async Task<ServiceRegistration> CurrentAsync(Listener listener, CancellationToken cancellationToken)
    {
        var offer = factory.Offer(listener);
        if (_registration is { } made && offer == _offered)
        {
            return made;
        }

        var registration = await factory.CreateAsync(listener, cancellationToken).ConfigureAwait(false);
        if (_known)
        {
            _known = false;
            ServerLog.OfferChanged(
                logger, self.Service, self.Instance, offer.Tls ?? "off",
                registration.Meta[MeshMetadata.Protocols]);
        }

        (_registration, _offered) = (registration, offer);
        return registration;
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
        standing.Enter("registered", registration.Id);
        ServerLog.Registered(
            logger, registration.Name, registration.Id, registration.Address!, registration.Port,
            registration.Meta[MeshMetadata.Protocols]);
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
