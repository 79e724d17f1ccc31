using Mesh.Testing;

namespace Mesh.Consul.Tests;

/// <summary>One real agent for the tests of a class.</summary>
public sealed class AgentFixture : IAsyncLifetime
{
    public ConsulAgent Agent { get; private set; } = null!;

    public ConsulClient Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Agent = await ConsulAgent.StartAsync();
        Client = new ConsulClient(new ConsulClientOptions { Address = Agent.Address.AbsoluteUri });
    }

    public async Task DisposeAsync()
    {
        Client.Dispose();
        await Agent.DisposeAsync();
    }
}
