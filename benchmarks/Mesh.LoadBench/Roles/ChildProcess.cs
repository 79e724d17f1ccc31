using System.Diagnostics;
using System.Text.Json;

namespace Mesh.LoadBench.Roles;

/// <summary>This program in another role, spoken to by lines. It ends when its input does, whatever happens.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(params string[] arguments)
    {
        var program = Environment.ProcessPath!;
        string[] all = Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [typeof(ChildProcess).Assembly.Location, .. arguments]
            : arguments;
        return new ChildProcess(Process.Start(new ProcessStartInfo(program, all)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);
    }

    public async Task<T> ReadAsync<T>(CancellationToken cancellationToken)
    {
        var line = await _process.StandardOutput.ReadLineAsync(cancellationToken)
            ?? throw new InvalidOperationException("A child process ended early; its error output says why.");
        return JsonSerializer.Deserialize<T>(line)!;
    }

    public async Task WriteAsync<T>(T message, CancellationToken cancellationToken)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(message).AsMemory(), cancellationToken);
        await _process.StandardInput.FlushAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }
}
