using Mesh.Consul;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Registering;

/// <summary>
/// Asks the application's own health checks tagged <c>ready</c>. Those of the mesh are left out: a callee must not
/// disappear for its callers because Consul, the desk or a policy is in trouble.
/// </summary>
internal sealed class ReadyChecks(IServiceProvider services, IOptions<MeshServerOptions> options, TimeProvider time)
{
    private const string ReadyTag = "ready";

    private readonly HealthCheckService? _checks = services.GetService<HealthCheckService>();
    private Task<HealthReport>? _running;

    /// <summary>Never throws but for cancellation. Not to be called concurrently.</summary>
    public async Task<ReadyState> CheckAsync(CancellationToken cancellationToken)
    {
        if (_checks is null)
        {
            return ReadyState.Serving;
        }

        var limit = options.Value.CheckTimeout;
        using var timeout = new CancellationTokenSource(limit, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            // One that ignores its token must not pile up: the next heartbeat waits for the same run.
            if (_running is null or { IsCompleted: true })
            {
                _running = Task.Run(() => _checks.CheckHealthAsync(Concerns, both.Token), both.Token);
            }

            return State(await _running.WaitAsync(both.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ReadyState(ConsulHealth.Critical, $"The checks tagged '{ReadyTag}' took longer than {limit}.");
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            return new ReadyState(
                ConsulHealth.Critical, $"The checks tagged '{ReadyTag}' could not run: {error.Message}");
        }
    }

    private static bool Concerns(HealthCheckRegistration check) =>
        check.Tags.Contains(ReadyTag) && !check.Tags.Contains("mesh");

    private static ReadyState State(HealthReport report)
    {
        var bad = report.Entries.Where(e => e.Value.Status != HealthStatus.Healthy)
            .Select(e => $"{e.Key} is {e.Value.Status}: {e.Value.Description ?? e.Value.Exception?.Message}").ToArray();
        return report.Status switch
        {
            HealthStatus.Healthy => ReadyState.Serving,
            HealthStatus.Degraded => new ReadyState(ConsulHealth.Warning, string.Join("; ", bad)),
            _ => new ReadyState(ConsulHealth.Critical, string.Join("; ", bad)),
        };
    }
}
