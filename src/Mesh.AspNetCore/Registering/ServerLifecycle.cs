using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Policy;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// When the door opens and closes.
/// <code>
/// started    the server listens and its ports are known: the instance is registered
/// stopping   heartbeats end; Consul is told; every answer says "draining", and "Connection: close" on HTTP/1;
///            the server goes on accepting and serving for the drain delay, until every caller knows
/// (server)   it stops listening, sends GOAWAY on HTTP/2, closes idle connections, finishes what is in flight
/// timeout    the host's shutdown timeout, for all of it together: what is not finished then is cut and counted
/// </code>
/// </summary>
internal sealed class ServerLifecycle(
    IServiceProvider services,
    DrainState drain,
    IOptions<MeshServerOptions> options,
    IOptions<HostOptions> host,
    IHostEnvironment environment,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<ServerLifecycle> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(2);

    // As long as a caller of the mesh waits by default: a request accepted at the last moment should get its answer.
    private static readonly TimeSpan Room = PolicyDefaults.AttemptCap;

    private readonly CancellationTokenSource _stop = new();
    private CancellationTokenRegistration _cut;
    private IRegistration? _registration;
    private bool _listens;
    private Task _running = Task.CompletedTask;

    /// <summary>How long callers get to hear of the stop.</summary>
    public TimeSpan DrainDelay =>
        options.Value.DrainDelay ?? (environment.IsDevelopment() ? TimeSpan.Zero : DefaultDrain);

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = services.GetService<IServer>()?.Features.Get<IServerAddressesFeature>()?.Addresses;
        var listeners = Listener.Parse(addresses ?? []);
        if (listeners.Count == 0)
        {
            ServerLog.NoPort(logger);
            return Task.CompletedTask;
        }

        _listens = true;
        WarnIfDrainDoesNotFit();
        if (services.GetService<MeshOptions>() is { Discovery.UseConsul: false })
        {
            ServerLog.ConsulNotUsed(logger);
            return Task.CompletedTask;
        }

        var listener = ChooseListener(listeners);
        _registration = options.Value.Registration == MeshRegistration.Self
            ? services.GetRequiredService<SelfRegistration>()
            : services.GetRequiredService<ExternalRegistration>();
        _running = BackgroundWork.Keep(
            "registration", ct => _registration.RunAsync(listener, ct), time, random, logger, _stop.Token);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (!_listens)
        {
            return;
        }

        _cut = cancellationToken.UnsafeRegister(static self => ((ServerLifecycle)self!).TellWhatIsCut(), this);
        if (!options.Value.Drain)
        {
            ServerLog.DrainOff(logger, drain.InFlight);
            return;
        }

        drain.Begin();
        try
        {
            await LeaveAsync(cancellationToken).ConfigureAwait(false);
            await Task.Delay(DrainDelay, time, cancellationToken).ConfigureAwait(false);
            ServerLog.Closing(logger, DrainDelay, drain.InFlight);
        }
        catch (OperationCanceledException)
        {
            ServerLog.DrainCut(logger, host.Value.ShutdownTimeout);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await _cut.DisposeAsync().ConfigureAwait(false);
        if (options.Value.Drain)
        {
            return;
        }

        try
        {
            await LeaveAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            ServerLog.DrainCut(logger, host.Value.ShutdownTimeout);
        }
    }

    public void Dispose()
    {
        _cut.Dispose();
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_registration is null)
        {
            return;
        }

        // First the heartbeats: one on its way would register again what has just left.
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.WaitAsync(cancellationToken).ConfigureAwait(false);
        await _registration.LeaveAsync(cancellationToken).ConfigureAwait(false);
    }

    private void TellWhatIsCut()
    {
        if (drain.InFlight is > 0 and var left)
        {
            ServerLog.RequestsCut(logger, host.Value.ShutdownTimeout, left);
        }
    }

    private Listener ChooseListener(IReadOnlyList<Listener> listeners)
    {
        var published = options.Value.Address is { } text && PublishedAddress.TryParse(text, out var address)
            ? address.Port
            : null;

        // Plain ports are for those who look after the process, not for callers.
        var plain = listeners.Where(l => options.Value.PlainPorts.Contains(l.Port)).ToArray();
        var open = listeners.Except(plain).ToArray();
        var listener = Listener.Choose(open.Length > 0 ? open : listeners, published);
        if (open.Length > 1 && listener.Port != published)
        {
            ServerLog.SeveralListeners(logger, listener, string.Join(", ", open.Where(l => l != listener)));
        }

        return listener with { Plain = plain.FirstOrDefault(l => !l.IsHttps) ?? plain.FirstOrDefault() };
    }

    private void WarnIfDrainDoesNotFit()
    {
        var needed = DrainDelay + options.Value.DeregisterTimeout;
        if (options.Value.Drain && needed + Room > host.Value.ShutdownTimeout)
        {
            ServerLog.DrainTooLong(logger, needed, host.Value.ShutdownTimeout, Room);
        }
    }
}
