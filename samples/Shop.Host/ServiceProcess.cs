using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Shop.Host;

/// <summary>One instance of one service: a process that can be killed, stopped, and started again at the same address.</summary>
internal sealed class ServiceProcess(
    string service, string instance, int port, string dll, IReadOnlyDictionary<string, string> environment, string logFile)
{
    private Process? _process;
    private StreamWriter? _log;

    public string Service { get; } = service;

    public string Instance { get; } = instance;

    public int Port { get; } = port;

    public string? Version => environment.GetValueOrDefault("Mesh__Version");

    public int Pid => _process?.Id ?? 0;

    public bool IsRunning => _process is { HasExited: false };

    public void Start()
    {
        var info = new ProcessStartInfo("dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetDirectoryName(dll)!,
        };
        info.ArgumentList.Add(dll);
        foreach (var (key, value) in environment)
        {
            info.Environment[key] = value;
        }

        _log?.Dispose();
        Directory.CreateDirectory(Path.GetDirectoryName(logFile)!);
        var log = _log = new StreamWriter(logFile, append: true) { AutoFlush = true };
        _process = Process.Start(info) ?? throw new InvalidOperationException($"{dll} did not start.");
        _process.OutputDataReceived += (_, e) => Write(log, e.Data);
        _process.ErrorDataReceived += (_, e) => Write(log, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>True when it accepts connections.</summary>
    public async Task<bool> ListensAsync()
    {
        using var socket = new TcpClient();
        try
        {
            await socket.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    public void Signal(int signal)
    {
        if (IsRunning)
        {
            Signals.Send(Pid, signal);
        }
    }

    /// <summary>SIGTERM, then SIGKILL for what has not gone in time.</summary>
    /// <returns>Its exit code; 0 when it did not run.</returns>
    public async Task<int> StopAsync(TimeSpan patience)
    {
        if (_process is null)
        {
            return 0;
        }

        Signal(Signals.Continue);
        Signal(Signals.Terminate);
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            Signal(Signals.Kill);
            await _process.WaitForExitAsync();
        }

        var exitCode = _process.ExitCode;
        _process.Dispose();
        _process = null;
        _log?.Dispose();
        return exitCode;
    }

    private static void Write(StreamWriter log, string? line)
    {
        if (line is null)
        {
            return;
        }

        lock (log)
        {
            try
            {
                log.WriteLine(line);
            }
            catch (ObjectDisposedException)
            {
                // The last words of a process that was stopped meanwhile.
            }
        }
    }
}
