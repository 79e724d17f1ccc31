using System.Diagnostics;
using System.Text.Json;

namespace Mesh.LoadBench.Roles;

/// <summary>This program in another role, spoken to by lines. It ends when its input does, whatever happens.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private readonly Process _process;

    private ChildProcess(Process process) => _process = process;

    public static ChildProcess Start(params string[] arguments) => Run(Self(arguments));

    /// <summary>
    /// On the first processor alone, from its very start: the runtime counts processors once. Linux with <c>taskset</c>;
    /// elsewhere on all of them.
    /// </summary>
    public static ChildProcess StartOnFirstProcessor(params string[] arguments) =>
        Run(CanPin ? ["taskset", "-c", "0", .. Self(arguments)] : Self(arguments));

    /// <summary>Processes can be kept to a processor here.</summary>
    public static bool CanPin { get; } = Environment.GetEnvironmentVariable("PATH") is { } path &&
        path.Split(Path.PathSeparator).Any(folder => File.Exists(Path.Combine(folder, "taskset")));

    private static string[] Self(string[] arguments)
    {
        var program = Environment.ProcessPath!;
        return Path.GetFileNameWithoutExtension(program) == "dotnet"
            ? [program, typeof(ChildProcess).Assembly.Location, .. arguments]
            : [program, .. arguments];
    }

    private static ChildProcess Run(string[] command) =>
        new(Process.Start(new ProcessStartInfo(command[0], command[1..])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!);

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
