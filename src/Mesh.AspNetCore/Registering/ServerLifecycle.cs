using Mesh.AspNetCore.Inbound;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// When the door opens and closes. Started: the server listens and its ports are known, so the instance is registered.
/// Stopping: the server still serves, so callers hear first that the instance leaves, and only then is it gone.
/// </summary>
internal sealed class ServerLifecycle(
    IServiceProvider services,
    DrainState drain,
    IOptions<MeshServerOptions> options,
    IOptions<HostOptions> host,
    IHostEnvironment environment,
    TimeProvider time,
    ILogger<ServerLifecycle> logger) : IHostedLifecycleService, IDisposable
{
    private static readonly TimeSpan DefaultDrain = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stop = new();
    private IRegistration? _registration;
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

        WarnIfDrainDoesNotFit();
        var listener = ChooseListener(listeners);
        _registration = options.Value.Registration == MeshRegistration.Self
            ? services.GetRequiredService<SelfRegistration>()
            : services.GetRequiredService<ExternalRegistration>();
        using (ExecutionContext.SuppressFlow())
        {
            _running = Task.Run(() => RunAsync(_registration, listener), CancellationToken.None);
        }

        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        if (_registration is null)
        {
            return;
        }

        drain.Begin();
        await _stop.CancelAsync().ConfigureAwait(false);
        await _running.ConfigureAwait(false);
        await _registration.LeaveAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await Task.Delay(DrainDelay, time, cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The host's time is up: what is left of it belongs to the requests in flight.
            ServerLog.DrainCut(logger, host.Value.ShutdownTimeout);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
        _stop.Cancel();
        _stop.Dispose();
    }

    private async Task RunAsync(IRegistration registration, Listener listener)
    {
        try
        {
            await registration.RunAsync(listener, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The process stops.
        }
        catch (Exception error)
        {
            // Nothing is known to end up here. The process serves on; only callers would not find it.
            ServerLog.Failed(logger, error);
        }
    }

    private Listener ChooseListener(IReadOnlyList<Listener> listeners)
    {
        var published = options.Value.Address is { } text && PublishedAddress.TryParse(text, out var address)
            ? address.Port
            : null;
        var listener = Listener.Choose(listeners, published);
        if (listeners.Count > 1 && listener.Port != published)
        {
            ServerLog.SeveralListeners(logger, listener, string.Join(", ", listeners.Where(l => l != listener)));
        }

        return listener;
    }

    private void WarnIfDrainDoesNotFit()
    {
        var needed = DrainDelay + options.Value.DeregisterTimeout;
        if (needed >= host.Value.ShutdownTimeout)
        {
            ServerLog.DrainTooLong(logger, needed, host.Value.ShutdownTimeout);
        }
    }
}
