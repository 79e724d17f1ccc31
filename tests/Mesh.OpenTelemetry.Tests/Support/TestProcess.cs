using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>A <see cref="TestService"/> in a process that does not outlive its test.</summary>
internal sealed class TestProcess : IAsyncDisposable
{
    private readonly StringBuilder _log;
    private readonly Process _process;

    private TestProcess(Process process, StringBuilder log, Uri address) =>
        (_process, _log, Address) = (process, log, address);

    public Uri Address { get; }

    public string Authority => Address.Authority;

    public string Log
    {
        get
        {
            lock (_log)
            {
                return _log.ToString();
            }
        }
    }

    public static async Task<TestProcess> StartAsync(string name, params (string Name, string Value)[] settings)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(TestProcess).Assembly.Location, "serve", name])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = AppContext.BaseDirectory,
        };
        foreach (var variable in start.Environment.Keys.Where(k => k.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
        {
            start.Environment.Remove(variable);
        }

        foreach (var (setting, value) in settings)
        {
            start.Environment[setting] = value;
        }

        var process = Process.Start(start)!;
        var log = new StringBuilder();
        var address = new TaskCompletionSource<Uri>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Keep(string? line)
        {
            lock (log)
            {
                log.AppendLine(line);
            }

            if (line?.StartsWith("listening on ", StringComparison.Ordinal) == true)
            {
                var port = new Uri(line[13..]).Port;
                address.TrySetResult(new Uri(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}")));
            }
        }

        process.OutputDataReceived += (_, e) => Keep(e.Data);
        process.ErrorDataReceived += (_, e) => Keep(e.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        process.EnableRaisingEvents = true;
        process.Exited += (_, _) => address.TrySetException(new InvalidOperationException($"{name} ended."));
        try
        {
            return new TestProcess(process, log, await address.Task.WaitAsync(TimeSpan.FromSeconds(60)));
        }
        catch (Exception error) when (error is TimeoutException or InvalidOperationException)
        {
            process.Kill(entireProcessTree: true);
            throw new InvalidOperationException($"{name} did not start.\n{log}", error);
        }
    }

    /// <summary>SIGTERM. How long the end took.</summary>
    public async Task<TimeSpan> StopAsync()
    {
        var watch = Stopwatch.StartNew();
        using (Process.Start("kill", ["-TERM", _process.Id.ToString(CultureInfo.InvariantCulture)]))
        {
            using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            await _process.WaitForExitAsync(limit.Token);
        }

        return watch.Elapsed;
    }

    public int ExitCode => _process.ExitCode;

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        _process.Dispose();
    }
}
