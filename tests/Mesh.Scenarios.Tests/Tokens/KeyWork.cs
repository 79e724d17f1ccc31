using System.Text;
using Mesh.Consul;

namespace Mesh.Scenarios.Tests.Tokens;

/// <summary>People and pipelines, who use Consul's keys directly: each name stands for one call.</summary>
internal sealed class KeyWork : IRoleWork
{
    private readonly ConsulClient _client;
    private readonly Dictionary<string, Func<ConsulClient, Task<bool>>> _calls;
    private string _said = "";

    private KeyWork(RuleBench bench, string token, Dictionary<string, Func<ConsulClient, Task<bool>>> calls)
    {
        _client = new ConsulClient(
            new ConsulClientOptions { Address = bench.Consul.Address.ToString(), Token = token });
        _calls = calls;
    }

    public IReadOnlyList<string> Names => [.. _calls.Keys];

    public static Task<IRoleWork> StartEditorAsync(RuleBench bench, string token) => Task.FromResult<IRoleWork>(
        new KeyWork(bench, token, new()
        {
            ["policy"] = c => PutAsync(c, "mesh/policy/services/orders", RuleBench.Policy),
            ["switch"] = c => PutAsync(
                c, "mesh/switches/services/orders", """{ "off": ["hedge"], "by": "ana", "why": "try" }"""),
        }));

    public static Task<IRoleWork> StartSecurityAsync(RuleBench bench, string token) => Task.FromResult<IRoleWork>(
        new KeyWork(bench, token, new()
        {
            ["global"] = c => PutAsync(c, "mesh/security/global", """{ "schema": 1 }"""),
            ["service"] = c => PutAsync(c, "mesh/security/services/orders", """{ "schema": 1 }"""),
        }));

    public static Task<IRoleWork> StartCiAsync(RuleBench bench, string token) => Task.FromResult<IRoleWork>(
        new KeyWork(bench, token, new()
        {
            ["documents"] = async c =>
                (await c.ListKeysAsync("mesh/", ConsulQuery.None, CancellationToken.None)).Value.Length > 0,
        }));

    public async Task<bool> WorksAsync(string name)
    {
        try
        {
            return await _calls[name](_client);
        }
        catch (ConsulException error) when (error.IsPermissionDenied)
        {
            _said = error.Message;
            return false;
        }
    }

    public Task<string> SaidAsync() => Task.FromResult(_said);

    public ValueTask DisposeAsync()
    {
        _client.Dispose();
        return ValueTask.CompletedTask;
    }

    public static Task<bool> PutAsync(ConsulClient client, string key, string value) =>
        client.PutKeyAsync(key, Encoding.UTF8.GetBytes(value), checkAndSet: null, CancellationToken.None);
}
