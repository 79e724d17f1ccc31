using Mesh.Testing;

namespace Mesh.Client.Tests.Support;

/// <summary>Saves and restores the state of a Consul cluster, as <c>consul snapshot</c> does.</summary>
internal static class ConsulSnapshot
{
    public static async Task<byte[]> SaveAsync(ConsulAgent agent)
    {
        using var http = new HttpClient();
        return await http.GetByteArrayAsync(new Uri(agent.Address, "/v1/snapshot"));
    }

    public static async Task RestoreAsync(ConsulAgent agent, byte[] snapshot)
    {
        using var http = new HttpClient();
        using var response = await http.PutAsync(new Uri(agent.Address, "/v1/snapshot"), new ByteArrayContent(snapshot));
        response.EnsureSuccessStatusCode();
    }
}
