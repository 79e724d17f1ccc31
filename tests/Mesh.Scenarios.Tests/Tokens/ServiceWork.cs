using Mesh.Client;
using Mesh.Consul;
using Mesh.Scenarios.Tests.Support;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Scenarios.Tests.Tokens;

/// <summary>A service <c>pay</c> that calls <c>orders</c>, registers itself, and reads who may call it.</summary>
internal sealed class ServiceWork : IRoleWork
{
    public const string Name = "pay";

    private readonly RuleBench _bench;
    private readonly string _instance = $"{Name}-{Guid.NewGuid():N}";
    private readonly LogLines _log = new();
    private readonly WebApplication _app;
    private readonly HttpClient _client;
    private readonly ConsulClient _consul;

    private ServiceWork(RuleBench bench, string token)
    {
        _bench = bench;
        _consul = new ConsulClient(
            new ConsulClientOptions { Address = bench.Consul.Address.ToString(), Token = token });
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddProvider(_log).AddFilter("Mesh", LogLevel.Information);
        builder.Services.AddMesh(options =>
        {
            options.Service = Name;
            options.Instance = _instance;
            options.Consul.Address = bench.Consul.Address.ToString();
            options.Consul.Token = token;
            options.Snapshot.Enabled = false;
            options.Upstreams["orders"] = new MeshUpstreamOptions();
        }).AddServer(options =>
        {
            options.Heartbeat = TimeSpan.FromSeconds(1);
            options.DrainDelay = TimeSpan.Zero;
        });
        _app = builder.Build();
        _client = _app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("pay");
    }

    public IReadOnlyList<string> Names { get; } = ["calls", "policy", "registration", "intentions"];

    public static async Task<IRoleWork> StartAsync(RuleBench bench, string token)
    {
        var work = new ServiceWork(bench, token);
        await work._app.StartAsync();
        return work;
    }

    public async Task<bool> WorksAsync(string name) => name switch
    {
        "calls" => await ClientWork.CallsAsync(_client),
        "policy" => _log.Text.Contains("Policy policy/services/orders", StringComparison.Ordinal),
        "intentions" => await ReadsIntentionsAsync(),
        _ => (await _bench.Operator.InstancesAsync(Name)).Contains(_instance),
    };

    public Task<string> SaidAsync() => Task.FromResult(_log.Text);

    /// <summary>
    /// Those about itself, and what becomes of callers that none of them names: the process has no identity here.
    /// </summary>
    private async Task<bool> ReadsIntentionsAsync()
    {
        try
        {
            await _consul.GetIntentionsToAsync(Name, ConsulQuery.None, CancellationToken.None);
            return !await _consul.CheckIntentionAsync("nobody", Name, CancellationToken.None);
        }
        catch (ConsulException error) when (error.IsPermissionDenied)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        _consul.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}
