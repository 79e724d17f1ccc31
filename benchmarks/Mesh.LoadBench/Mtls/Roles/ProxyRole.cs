using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>
/// Minds one proxy, a program that would outlive whoever started it: ends it when the standard input ends, whatever
/// happens to the benchmark. Tells its process when it accepts connections.
/// </summary>
internal static class ProxyRole
{
    private const int KeptLines = 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    public static async Task<int> RunAsync(ProxySetup setup)
    {
        var said = new ConcurrentQueue<string>();
        using var proxy = Start(setup, said);
        try
        {
            var waited = Stopwatch.StartNew();
            while (!await AcceptsAsync(setup.Port))
            {
                if (proxy.HasExited || waited.Elapsed > Patience)
                {
                    await Console.Error.WriteLineAsync(
                        $"{setup.File} does not listen on {setup.Port}:\n{string.Join('\n', said)}");
                    return 1;
                }

                await Task.Delay(50);
            }

            await Console.Out.WriteLineAsync(JsonSerializer.Serialize(proxy.Id));
            await Console.In.ReadToEndAsync();
            return 0;
        }
        finally
        {
            await EndAsync(setup, proxy);
        }
    }

    private static Process Start(ProxySetup setup, ConcurrentQueue<string> said)
    {
        var proxy = Process.Start(new ProcessStartInfo(setup.File, setup.Arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        proxy.OutputDataReceived += (_, line) => Keep(line.Data);
        proxy.ErrorDataReceived += (_, line) => Keep(line.Data);
        proxy.BeginOutputReadLine();
        proxy.BeginErrorReadLine();
        return proxy;

        void Keep(string? line)
        {
            if (line is not null)
            {
                said.Enqueue(line);
                while (said.Count > KeptLines)
                {
                    said.TryDequeue(out _);
                }
            }
        }
    }

    private static async Task EndAsync(ProxySetup setup, Process proxy)
    {
        if (proxy.HasExited)
        {
            return;
        }

        if (setup.Stop is { } stop)
        {
            // Killed, it would leave its workers behind.
            using var stopper = Process.Start(new ProcessStartInfo(setup.File, stop) { RedirectStandardError = true })!;
            await stopper.WaitForExitAsync();
            using var patience = new CancellationTokenSource(Patience, TimeProvider.System);
            try
            {
                await proxy.WaitForExitAsync(patience.Token);
                return;
            }
            catch (OperationCanceledException)
            {
                await Console.Error.WriteLineAsync($"{setup.File} {proxy.Id} did not end when it was told to.");
            }
        }

        proxy.Kill(entireProcessTree: true);
        await proxy.WaitForExitAsync();
    }

    private static async Task<bool> AcceptsAsync(int port)
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
