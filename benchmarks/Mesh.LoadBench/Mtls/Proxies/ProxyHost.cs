using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Mesh.LoadBench.Mtls.Roles;
using Mesh.LoadBench.Roles;

namespace Mesh.LoadBench.Mtls.Proxies;

/// <summary>Runs the proxies of a benchmark, each minded by a process of this program.</summary>
internal sealed class ProxyHost(string folder) : IAsyncDisposable
{
    private readonly List<ChildProcess> _minders = [];

    /// <summary>For files of the proxies.</summary>
    public string Folder { get; } = folder;

    /// <summary>A program on PATH, or <see langword="null"/>.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(static part => part.Length > 0).Select(part => Path.Combine(part, program)).FirstOrDefault(File.Exists);

    /// <summary>The first line a program says when asked for its version.</summary>
    public static async Task<string> VersionAsync(string file, string argument, CancellationToken cancellationToken)
    {
        using var process = Process.Start(new ProcessStartInfo(file, argument)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var (output, error) = (process.StandardOutput.ReadToEndAsync(cancellationToken),
            process.StandardError.ReadToEndAsync(cancellationToken));
        await process.WaitForExitAsync(cancellationToken);
        return (await output + await error).Split('\n')[0].Trim();
    }

    /// <summary>A loopback port nobody listens on.</summary>
    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    /// <summary>Starts a proxy; returns its process once it accepts connections.</summary>
    public async Task<int> StartAsync(ProxySetup setup, CancellationToken cancellationToken)
    {
        var minder = ChildProcess.Start("proxy", JsonSerializer.Serialize(setup));
        _minders.Add(minder);
        return await minder.ReadAsync<int>(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var minder in Enumerable.Reverse(_minders))
        {
            await minder.DisposeAsync();
        }
    }
}
