using System.Diagnostics;

namespace Mesh.Testing;

/// <summary>How a short-lived program ended, and what it printed (standard output, then standard error).</summary>
internal sealed record ProcessOutput(int ExitCode, string Text)
{
    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="System.ComponentModel.Win32Exception">It cannot be started.</exception>
    /// <exception cref="TimeoutException">It took too long and was killed.</exception>
    public static async Task<ProcessOutput> OfAsync(
        string program,
        IEnumerable<string> arguments,
        TimeSpan timeout,
        CancellationToken cancellationToken,
        string? workingFolder = null)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = workingFolder ?? "",
        };
        start.Environment["LC_ALL"] = "C";
        using var process = Process.Start(start)
            ?? throw new InvalidOperationException($"The operating system started no process for {program}.");
        process.StandardInput.Close();
        using var limit = new CancellationTokenSource(timeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(either.Token);
            var error = process.StandardError.ReadToEndAsync(either.Token);
            await process.WaitForExitAsync(either.Token).ConfigureAwait(false);
            var text = await output.ConfigureAwait(false) + await error.ConfigureAwait(false);
            return new ProcessOutput(process.ExitCode, text);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            cancellationToken.ThrowIfCancellationRequested();
            throw new TimeoutException($"{program} did not end within {timeout}.");
        }
    }
}
