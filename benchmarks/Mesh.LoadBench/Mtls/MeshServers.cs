using System.Text.Json;
using Mesh.LoadBench.Mtls.Roles;
using Mesh.LoadBench.Roles;

namespace Mesh.LoadBench.Mtls;

/// <summary>Services of the mesh, each instance a process, with identities of Consul's CA.</summary>
internal sealed class MeshServers(Uri consul) : IAsyncDisposable
{
    private readonly List<ChildProcess> _processes = [];

    /// <summary>Starts a service; returns the row that calls it.</summary>
    public async Task<MtlsRow> StartAsync(string name, int instances, CancellationToken cancellationToken)
    {
        var service = $"items-{instances}";
        var ids = new List<int>();
        for (var i = 1; i <= instances; i++)
        {
            var setup = new MeshServerSetup(service, $"{service}-{i}", consul.ToString());
            var process = ChildProcess.Start("mesh-server", JsonSerializer.Serialize(setup));
            _processes.Add(process);
            ids.Add(await process.ReadAsync<int>(cancellationToken));
        }

        return new MtlsRow(
            name, "mTLS",
            new MtlsClientSetup($"http://{service}/item", UsesHttp2: false, null, consul.ToString(), [.. ids], []));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in _processes)
        {
            await process.DisposeAsync();
        }
    }
}
