using System.Diagnostics;
using Mesh.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>A caller of the mesh, nothing set but its name and its Consul.</summary>
internal static class MeshCaller
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<IHost> StartAsync(string consul)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings());
        builder.Logging.ClearProviders();
        builder.Services.AddMesh(options =>
        {
            options.Service = "bench";
            options.Consul.Address = consul;
            options.Snapshot.Enabled = false;
        });
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    public static HttpClient CreateClient(IHost host) =>
        new(host.Services.GetRequiredService<IMeshHandlerFactory>().CreateHandler(
            inner: new SocketsHttpHandler { UseCookies = false, UseProxy = false, AllowAutoRedirect = false }));

    /// <summary>Calls until the callee has verified who calls: what is measured is what is said, or nothing.</summary>
    /// <returns>The protocol and the identity that the callee saw.</returns>
    public static async Task<string> WaitForMtlsAsync(HttpClient client, Uri item)
    {
        var peer = new Uri(item, MeshServerRole.PeerPath);
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(100))
        {
            string seen;
            try
            {
                seen = await client.GetStringAsync(peer);
            }
            catch (HttpRequestException failure)
            {
                seen = failure.Message;
            }

            if (seen.Contains("spiffe://", StringComparison.Ordinal))
            {
                return seen;
            }

            if (waited.Elapsed > Patience)
            {
                throw new TimeoutException($"{item.Host} was not called over mTLS within {Patience.TotalSeconds:0} s: {seen}");
            }
        }
    }
}
