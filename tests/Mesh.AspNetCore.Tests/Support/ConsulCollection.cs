using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>One agent for all tests that leave it as they found it.</summary>
[CollectionDefinition(Name)]
public sealed class ConsulCollection : ICollectionFixture<ConsulCollection.Agent>
{
    public const string Name = "consul";

    public sealed class Agent : IAsyncLifetime
    {
        public ConsulAgent Consul { get; private set; } = null!;

        public async Task InitializeAsync() => Consul = await ConsulAgent.StartAsync();

        public async Task DisposeAsync() => await Consul.DisposeAsync();
    }
}
