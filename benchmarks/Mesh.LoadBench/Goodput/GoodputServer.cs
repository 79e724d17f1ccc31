using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Mesh.LoadBench.Roles;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.LoadBench.Goodput;

/// <summary>
/// A service whose work has a capacity. Like most handlers it does not look whether its caller still waits: what was begun
/// is finished. Lives until its standard input ends.
/// </summary>
internal static class GoodputServer
{
    private static readonly byte[] Block = new byte[16 * 1024];

    public static async Task RunAsync(GoodputSetup setup)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddMesh(options =>
        {
            options.Service = "worker";
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
            options.PolicyFolder = setup.PolicyFolder;
        }).AddServer(server => server.DrainDelay = TimeSpan.Zero);
        await using var app = builder.Build();
        app.Run(setup.Work == "cpu" ? Compute(Calibrate()) : Pool());
        await app.StartAsync();
        await Console.Out.WriteLineAsync(JsonSerializer.Serialize(
            new ServerPorts(Environment.ProcessId, [new Uri(app.Urls.Single()).Port], [])));
        await Console.In.ReadToEndAsync();
        await app.StopAsync();
    }

    private static RequestDelegate Pool()
    {
        var connections = new SemaphoreSlim(GoodputSetup.Connections);
        return async context =>
        {
            await connections.WaitAsync();
            try
            {
                await Task.Delay(GoodputSetup.Pool, TimeProvider.System);
            }
            finally
            {
                connections.Release();
            }

            await AnswerAsync(context);
        };
    }

    // An amount of work, not of time: what shares a processor takes longer.
    private static RequestDelegate Compute(int rounds) => context =>
    {
        Hash(rounds);
        return AnswerAsync(context);
    };

    private static Task AnswerAsync(HttpContext context)
    {
        context.Response.ContentLength = ServerRole.Body.Length;
        return context.Response.Body.WriteAsync(ServerRole.Body).AsTask();
    }

    private static int Calibrate()
    {
        Hash(500);
        var least = TimeSpan.MaxValue;
        for (var i = 0; i < 20; i++)
        {
            var watch = Stopwatch.StartNew();
            Hash(100);
            least = watch.Elapsed < least ? watch.Elapsed : least;
        }

        return Math.Max(1, (int)(100 * (GoodputSetup.Processor / least)));
    }

    private static void Hash(int rounds)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        for (var i = 0; i < rounds; i++)
        {
            SHA256.HashData(Block, hash);
        }
    }
}
