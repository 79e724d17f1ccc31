using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;

namespace Mesh.Scenarios.Tests.Tokens;

/// <summary>One agent that denies by default, a service to call and its policy, for all cases.</summary>
public sealed class RuleBench : IAsyncLifetime
{
    internal const string Policy = """{ "schema": 1, "balance": { "algorithm": "round-robin" } }""";

    private HttpBackend _orders = null!;

    internal ConsulAgent Consul { get; private set; } = null!;

    internal ConsulOperator Operator { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Consul = await ConsulAgent.StartAsync(new ConsulAgentOptions { AclDefaultDeny = true });
        Operator = new ConsulOperator(Consul.Address, Consul.ManagementToken);
        _orders = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "orders" });
        await Operator.RegisterAsync("orders", "orders-1", _orders.Port);
        await Operator.PutPolicyAsync("orders", Policy);
    }

    /// <summary>Starts to do what a role is for, with a token of these rules.</summary>
    internal async Task<IRoleWork> StartAsync(string role, IEnumerable<string> rules)
    {
        var text = string.Join('\n', rules);
        var token = await Consul.CreateTokenAsync(role == "service" ? TokenRules.Named(text, ServiceWork.Name) : text);
        return await (role switch
        {
            "client" => ClientWork.StartAsync(this, token),
            "service" => ServiceWork.StartAsync(this, token),
            "desk" => DeskWork.StartAsync(this, token),
            "editor" => KeyWork.StartEditorAsync(this, token),
            "security" => KeyWork.StartSecurityAsync(this, token),
            _ => KeyWork.StartCiAsync(this, token),
        });
    }

    public async Task DisposeAsync()
    {
        Operator.Dispose();
        await _orders.DisposeAsync();
        await Consul.DisposeAsync();
    }
}
