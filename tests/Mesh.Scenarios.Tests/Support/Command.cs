using System.Diagnostics;
using System.Text;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>Runs a command to its end, or starts one and ends it with the test.</summary>
internal static class Command
{
    /// <summary>Runs to the end; fails the test with the whole output unless it exits with 0.</summary>
    public static async Task<string> RunAsync(
        string folder, TimeSpan within, string file, params string[] arguments)
    {
        var (exitCode, output) = await TryRunAsync(folder, within, file, arguments);
        Assert.True(exitCode == 0, $"{file} {string.Join(' ', arguments)} exited with {exitCode}.\n{output}");
        return output;
    }

    /// <summary>Runs to the end, whatever its exit code; fails the test only when it does not end.</summary>
    public static async Task<(int ExitCode, string Output)> TryRunAsync(
        string folder, TimeSpan within, string file, params string[] arguments)
    {
        using var process = Start(folder, null, file, arguments);
        var output = new StringBuilder();
        var read = Task.WhenAll(ReadAsync(process.StandardOutput, output), ReadAsync(process.StandardError, output));
        using var timeout = new CancellationTokenSource(within);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
            await read;
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{file} {string.Join(' ', arguments)} did not end within {within}.\n{output}");
        }

        return (process.ExitCode, output.ToString());
    }

    /// <summary>Starts a command; the caller kills it.</summary>
    public static Process Start(
        string folder, IReadOnlyDictionary<string, string>? environment, string file, params string[] arguments)
    {
        var info = new ProcessStartInfo(file)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in arguments)
        {
            info.ArgumentList.Add(argument);
        }

        // What the test host's own build put there would steer the child's.
        foreach (var name in info.Environment.Keys.Where(k => k.StartsWith("MSBUILD", StringComparison.Ordinal)).ToList())
        {
            info.Environment.Remove(name);
        }

        info.Environment["MSBUILDDISABLENODEREUSE"] = "1";
        foreach (var (key, value) in environment ?? new Dictionary<string, string>())
        {
            info.Environment[key] = value;
        }

        return Process.Start(info) ?? throw new InvalidOperationException($"{file} did not start.");
    }

    private static async Task ReadAsync(StreamReader reader, StringBuilder output)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            lock (output)
            {
                output.AppendLine(line);
            }
        }
    }
}
