using System.Net;

namespace Mesh.Testing.Tests;

internal static class Client
{
    public static HttpClient For(ConsulAgent agent, string? token = null)
    {
        var http = new HttpClient(new SocketsHttpHandler { UseProxy = false })
        {
            BaseAddress = agent.Address,
            Timeout = TimeSpan.FromSeconds(20),
        };
        if (token is not null)
        {
            http.DefaultRequestHeaders.Add("X-Consul-Token", token);
        }

        return http;
    }

    public static async Task PutOkAsync(this HttpClient http, string path, string body)
    {
        using var response = await http.PutAsync(path, new StringContent(body));
        Assert.Equal(
            (HttpStatusCode.OK, "true"), (response.StatusCode, (await response.Content.ReadAsStringAsync()).Trim()));
    }
}
