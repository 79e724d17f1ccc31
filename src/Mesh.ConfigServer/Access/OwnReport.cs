using Mesh.AspNetCore.Door;
using Mesh.Client.Pipeline;
using Mesh.Client.Security;
using Mesh.ConfigServer.Doors;
using Mesh.Policy;

namespace Mesh.ConfigServer.Access;

/// <summary>The desk's own door is one of those it tells of: who would break under strict may be its own clients.</summary>
internal sealed class OwnReport(
    DoorBoard board,
    DoorSight door,
    MeshSelf self,
    TimeProvider time,
    [FromKeyedServices("mesh")] Random random,
    ILogger<OwnReport> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(30);

    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        BackgroundWork.KeepAsync("own report", RunAsync, time, random, logger, stoppingToken);

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Every, time, cancellationToken);
            var inbound = door.Look();
            board.Put(new ClientReport
            {
                Instance = self.Instance,
                Service = self.Service,
                Library = self.Version,
                StartedAt = inbound.Since,
                Source = PolicySource.Kv,
                Inbound = inbound,
            });
        }
    }
}
