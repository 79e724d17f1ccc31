using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Mesh.LoadBench.Roles;

/// <summary>
/// The called process: Kestrel without logging, four ports of HTTP/1.1 and four of HTTP/2 without TLS, 200 bytes of
/// JSON. Lives until its standard input ends, and so never longer than who started it.
/// </summary>
internal static class ServerRole
{
    private const int Ports = 4;

    /// <summary>What every server of the benchmarks answers.</summary>
    public static readonly byte[] Body = CreateBody();

    public static async Task RunAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(static kestrel =>
        {
            for (var i = 0; i < Ports; i++)
            {
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http1);
            }

            for (var i = 0; i < Ports; i++)
            {
                kestrel.Listen(IPAddress.Loopback, 0, static listen => listen.Protocols = HttpProtocols.Http2);
            }
        });
        await using var app = builder.Build();
        app.Run(static context =>
        {
            context.Response.ContentType = "application/json";
            context.Response.ContentLength = Body.Length;
            return context.Response.Body.WriteAsync(Body).AsTask();
        });
        await app.StartAsync();
        var ports = app.Urls.Select(static url => new Uri(url).Port).ToArray();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
            new ServerPorts(Environment.ProcessId, ports[..Ports], ports[Ports..])));
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    private static byte[] CreateBody()
    {
        var body = new byte[200];
        Array.Fill(body, (byte)'x');
        "{\"item\":\""u8.CopyTo(body);
        "\"}"u8.CopyTo(body.AsSpan(^2..));
        return body;
    }
}
