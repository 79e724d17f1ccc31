using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Hosting;

/// <summary>What is not for the mesh looks on the wire exactly as it does without the mesh.</summary>
public sealed class OtherTrafficTests
{
    [Fact]
    public async Task Requests_ToOtherHosts_AreTheSameBytesWithAndWithoutTheMesh()
    {
        var without = await RecordAsync(meshed: false);
        var with = await RecordAsync(meshed: true);

        Assert.Contains("POST /orders HTTP/1.1", without, StringComparison.Ordinal);
        Assert.Contains("Cookie: session=1", without, StringComparison.Ordinal);
        Assert.Equal(without, with);
    }

    private static async Task<string> RecordAsync(bool meshed)
    {
        using var server = new RecordingServer();
        var services = new ServiceCollection();
        services.AddHttpClient("plain");
        services.AddHttpClient("busy", client =>
        {
            client.DefaultRequestHeaders.UserAgent.ParseAdd("tests/1.0");
            client.DefaultRequestHeaders.Add("x-api-key", "k");
        }).ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
        });
        if (meshed)
        {
            services.AddMesh(options => options.Discovery.UseConsul = false);
        }

        await using var provider = services.BuildServiceProvider();
        var clients = provider.GetRequiredService<IHttpClientFactory>();
        foreach (var name in new[] { "plain", "busy" })
        {
            using var client = clients.CreateClient(name);
            foreach (var host in new[] { "127.0.0.1", "localhost" })
            {
                var root = $"http://{host}:{server.Port}";
                await client.GetStringAsync($"{root}/a?b=c");
                await client.PostAsync($"{root}/orders", new StringContent("{\"item\":1}", Encoding.UTF8, "application/json"));
                using var put = new HttpRequestMessage(HttpMethod.Put, $"{root}/stream")
                {
                    Content = new StreamContent(new OneWayStream("chunked"u8.ToArray())),
                };
                using var answer = await client.SendAsync(put);
                await client.GetStringAsync($"{root}/redirect");
            }
        }

        // Tests beside this one may have every request of the process traced for a while.
        var lines = server.Text.Replace($":{server.Port}", ":port", StringComparison.Ordinal).Split("\r\n");
        return string.Join("\r\n", lines.Where(l => !l.StartsWith("traceparent:", StringComparison.OrdinalIgnoreCase)));
    }

    /// <summary>Of unknown length, and good for one reading.</summary>
    private sealed class OneWayStream(byte[] bytes) : MemoryStream(bytes)
    {
        public override bool CanSeek => false;
    }

    /// <summary>Answers every request on a socket, one connection each, and keeps every byte it is sent.</summary>
    private sealed class RecordingServer : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.IPv6Any, 0) { Server = { DualMode = true } };
        private readonly StringBuilder _text = new();

        public RecordingServer()
        {
            _listener.Start();
            _ = ServeAsync();
        }

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public string Text => _text.ToString();

        public void Dispose() => _listener.Dispose();

        private async Task ServeAsync()
        {
            try
            {
                while (true)
                {
                    using var connection = await _listener.AcceptTcpClientAsync();
                    var request = await ReadAsync(connection.GetStream());
                    _text.Append(request);
                    var answer = request.Contains("/redirect", StringComparison.Ordinal)
                        ? "HTTP/1.1 302 Found\r\nLocation: /landed\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"
                        : "HTTP/1.1 200 OK\r\nSet-Cookie: session=1; path=/\r\nConnection: close\r\nContent-Length: 2\r\n\r\nok";
                    await connection.GetStream().WriteAsync(Encoding.ASCII.GetBytes(answer));
                }
            }
            catch (Exception exception) when (exception is ObjectDisposedException or SocketException)
            {
                // The test is over.
            }
        }

        private static async Task<string> ReadAsync(NetworkStream stream)
        {
            var text = new StringBuilder();
            var buffer = new byte[4096];
            while (!IsComplete(text.ToString()))
            {
                var count = await stream.ReadAsync(buffer);
                if (count == 0)
                {
                    break;
                }

                text.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }

            return text.ToString();
        }

        private static bool IsComplete(string text)
        {
            var end = text.IndexOf("\r\n\r\n", StringComparison.Ordinal);
            if (end < 0)
            {
                return false;
            }

            if (text.Contains("Transfer-Encoding: chunked", StringComparison.Ordinal))
            {
                return text.EndsWith("0\r\n\r\n", StringComparison.Ordinal);
            }

            const string length = "Content-Length: ";
            var at = text.IndexOf(length, StringComparison.Ordinal);
            return at < 0 || text.Length - end - 4 >= int.Parse(text[(at + length.Length)..].Split('\r')[0], provider: null);
        }
    }
}
