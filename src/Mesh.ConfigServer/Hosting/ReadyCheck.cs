using Mesh.Client.Policies;
using Mesh.ConfigServer.Documents;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.ConfigServer.Hosting;

/// <summary>
/// Ready once the desk knows documents, from Consul or from disk; it stays ready when Consul is lost.
/// </summary>
internal sealed class ReadyCheck(DocumentStore store, OwnPolicy own) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken) =>
        Task.FromResult(store.Current is null
            ? HealthCheckResult.Unhealthy("Nothing was heard from Consul yet, and nothing is remembered.")
            : own.IsUnknown
                ? HealthCheckResult.Unhealthy("A security document of the desk itself is refused, and no good one is known.")
                : HealthCheckResult.Healthy());
}
