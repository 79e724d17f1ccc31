using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Mesh.Consul.Tests;

/// <summary>An HTTP server on a real socket that answers what a test wants Consul to have answered.</summary>
internal sealed class FakeConsul : IAsyncDisposable
{
    private readonly WebApplication _app;

    private FakeConsul(WebApplication app) => _app = app;

    /// <summary><c>127.0.0.1:port</c>; there is none when it listens on a socket file.</summary>
    public string HostAndPort => new Uri(_app.Urls.First()).Authority;

    public int Port => new Uri(_app.Urls.First()).Port;

    public static async Task<FakeConsul> StartAsync(
        RequestDelegate answer, string? unixSocket = null, Action<ListenOptions>? listen = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            if (unixSocket is not null)
            {
                kestrel.ListenUnixSocket(unixSocket);
            }
            else
            {
                kestrel.Listen(System.Net.IPAddress.Loopback, 0, options => listen?.Invoke(options));
            }
        });
        var app = builder.Build();
        app.Run(answer);
        await app.StartAsync();
        return new FakeConsul(app);
    }

    /// <summary>A server that answers everything with one body.</summary>
    public static Task<FakeConsul> StartAsync(string body, int status = 200, ulong? index = 7) =>
        StartAsync(async context =>
        {
            context.Response.StatusCode = status;
            if (index is { } number)
            {
                context.Response.Headers["X-Consul-Index"] = $"{number}";
            }

            await context.Response.WriteAsync(body);
        });

    public ConsulClient Client(TimeProvider? time = null, Action<ConsulClientOptions>? configure = null)
    {
        var options = new ConsulClientOptions { Address = HostAndPort };
        configure?.Invoke(options);
        return new ConsulClient(ConsulSettings.Resolve(options, _ => null), time ?? TimeProvider.System);
    }

    public async ValueTask DisposeAsync()
    {
        using var now = new CancellationTokenSource(TimeSpan.FromMilliseconds(100));
        await _app.StopAsync(now.Token);
        await _app.DisposeAsync();
    }
}
