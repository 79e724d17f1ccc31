using System.Collections.Concurrent;
using System.Diagnostics;
using Mesh.Tests.Shared;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>A program of this repository as a process of its own. It does not outlive its scenario.</summary>
internal sealed class ServiceProcess : IAsyncDisposable
{
    private const int KeptLines = 400;

    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;

    private ServiceProcess(string name, Process process, Uri address)
    {
        (Name, Address, _process) = (name, address, process);
        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public Uri Address { get; }

    public int Id => _process.Id;

    public bool HasExited => _process.HasExited;

    public int ExitCode => _process.ExitCode;

    public string Log => string.Join('\n', _lines);

    /// <summary>Starts a program built beside these tests; it listens on a port of its own.</summary>
    /// <param name="dll">From the repository's root: the project's folder and its name.</param>
    /// <param name="name">What to call it in logs.</param>
    /// <param name="environment">Settings.</param>
    /// <param name="port">The port, 0 for a free one.</param>
    public static async Task<ServiceProcess> StartAsync(
        string dll, string name, IReadOnlyDictionary<string, string> environment, int port = 0)
    {
        var address = new Uri($"http://127.0.0.1:{(port == 0 ? Ports.Next() : port)}");
        var settings = new Dictionary<string, string>(environment)
        {
            ["ASPNETCORE_URLS"] = address.ToString(),
            ["DOTNET_ENVIRONMENT"] = "Production",
        };
        var process = new ServiceProcess(
            name, Command.Start(AppContext.BaseDirectory, settings, "dotnet", Built(dll)), address);
        try
        {
            await Eventually.TrueAsync(
                () => !process.HasExited
                    ? process.ListensAsync()
                    : throw new InvalidOperationException($"{name} ended."),
                $"{name} to listen");
            return process;
        }
        catch (Exception error)
        {
            await process.DisposeAsync();
            throw new InvalidOperationException($"{name} did not start.\n{process.Log}", error);
        }
    }

    /// <summary>The assembly of a project, in the configuration of these tests.</summary>
    public static string Built(string project)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var folder = Path.Combine(
            PublicSurface.RepositoryRoot(), Path.GetDirectoryName(project)!, "bin", output.Parent!.Name, output.Name);
        return Path.Combine(folder, Path.GetFileName(project) + ".dll");
    }

    /// <summary>SIGSTOP: its sockets stay open and say nothing.</summary>
    public void Freeze() => Signals.Send(Id, Signals.Stop);

    public void Thaw() => Signals.Send(Id, Signals.Continue);

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
    }

    /// <summary>SIGTERM, and the wait for its end.</summary>
    public async Task TerminateAsync()
    {
        Signals.Send(Id, Signals.Terminate);
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        await _process.WaitForExitAsync(timeout.Token);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
            await _process.WaitForExitAsync();
        }
    }

    private async Task<bool> ListensAsync()
    {
        using var socket = new System.Net.Sockets.TcpClient();
        try
        {
            await socket.ConnectAsync(Address.Host, Address.Port);
            return true;
        }
        catch (System.Net.Sockets.SocketException)
        {
            return false;
        }
    }

    private void Keep(string? line)
    {
        if (line is not null)
        {
            _lines.Enqueue(line);
            while (_lines.Count > KeptLines)
            {
                _lines.TryDequeue(out _);
            }
        }
    }
}
