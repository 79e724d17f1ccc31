using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Mesh.LoadBench.Small;

/// <summary>The service process in its container, and what it uses.</summary>
internal sealed class SmallProcess : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _lines = new();
    private readonly Process _process;
    private readonly long _started = Stopwatch.GetTimestamp();

    private SmallProcess(ProcessStartInfo info)
    {
        info.RedirectStandardInput = info.RedirectStandardOutput = info.RedirectStandardError = true;
        _process = Process.Start(info)!;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is { } text)
            {
                _lines.Enqueue(text);
            }
        };
        _process.BeginErrorReadLine();
    }

    public TimeSpan Age => Stopwatch.GetElapsedTime(_started);

    public string[] Lines => [.. _lines];

    /// <summary>Processor time so far, user and system, in hundredths of a second as the kernel counts it.</summary>
    public TimeSpan ProcessorTime
    {
        get
        {
            _process.Refresh();
            return _process.TotalProcessorTime;
        }
    }

    public static SmallProcess Start(Container container, SmallSetup setup) =>
        new(container.Start(["small-service", JsonSerializer.Serialize(setup)]));

    public async Task<Uri> AddressAsync(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException($"The service ended early: {string.Join('\n', _lines)}");
        return new Uri($"http://127.0.0.1:{line.Trim()}");
    }

    /// <summary>A field of its status in MiB: VmRSS, RssAnon.</summary>
    public double Mebibytes(string field)
    {
        var line = File.ReadLines($"/proc/{_process.Id}/status")
            .First(l => l.StartsWith(field + ":", StringComparison.Ordinal));
        return int.Parse(line[(field.Length + 1)..^2], CultureInfo.InvariantCulture) / 1024.0;
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
            await _process.WaitForExitAsync(CancellationToken.None);
        }

        _process.Dispose();
    }
}
