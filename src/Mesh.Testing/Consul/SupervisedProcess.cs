using System.Diagnostics;
using System.Globalization;

namespace Mesh.Testing;

/// <summary>
/// A child process that cannot outlive this one. Between the two stands a shell that waits on a pipe only we hold: when
/// the pipe closes, because we asked or because we were killed, the shell kills its child with a signal that also
/// reaches a stopped process.
/// </summary>
internal sealed class SupervisedProcess
{
    // The inner shell prints its process id and becomes the program, so the first line is always that id. A session of
    // its own (where setsid exists) keeps a Ctrl-C in the terminal from reaching the program before its owner decides.
    // The shell lets go of the output, so the end of the output means the program ended; it stays the parent until the
    // pipe closes, so the id cannot be given to another process meanwhile.
    private const string Script =
        """
        if command -v setsid >/dev/null 2>&1; then set -- setsid "$@"; fi
        sh -c 'echo "$$"; exec "$@" 2>&1' sh "$@" </dev/null &
        child=$!
        trap '' INT QUIT HUP TERM
        exec >/dev/null 2>&1
        while read -r line; do :; done
        kill -KILL "$child"
        wait "$child"
        """;

    // Guards _over and every signal sent: no signal may go out once the supervisor was told to reap the child,
    // because its id may then belong to another process. Only the signal itself is sent under it.
    private readonly Lock _lock = new();
    private readonly Process _supervisor;
    private readonly WindowsJob? _job;
    private bool _over;

    private SupervisedProcess(Process supervisor, int id, WindowsJob? job, BoundedLog log)
    {
        _supervisor = supervisor;
        _job = job;
        Id = id;
        Exited = PumpAsync(log);
    }

    /// <summary>The program's own process id.</summary>
    public int Id { get; }

    /// <summary>Ends with the exit code (128 + signal for a killed one) when the program is gone and reaped.</summary>
    public Task<int> Exited { get; }

    public static async Task<SupervisedProcess> StartAsync(
        string program, IReadOnlyList<string> arguments, BoundedLog log, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var windows = OperatingSystem.IsWindows();
        var start = new ProcessStartInfo(
            windows ? program : "/bin/sh", windows ? arguments : ["-c", Script, "sh", program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
        };
        var supervisor = Process.Start(start)
            ?? throw new InvalidOperationException($"The operating system started no process for {start.FileName}.");
        if (OperatingSystem.IsWindows())
        {
            return new SupervisedProcess(supervisor, supervisor.Id, WindowsJob.Of(supervisor), log);
        }

        // Not cancellable: the shell answers at once, and giving up here would leave a program without an owner.
        var line = await supervisor.StandardOutput.ReadLineAsync(CancellationToken.None).ConfigureAwait(false);
        if (int.TryParse(line, NumberStyles.None, CultureInfo.InvariantCulture, out var id))
        {
            return new SupervisedProcess(supervisor, id, null, log);
        }

        supervisor.StandardInput.Close();
        var error = await supervisor.StandardError.ReadToEndAsync(CancellationToken.None).ConfigureAwait(false);
        supervisor.Dispose();
        throw new InvalidOperationException($"/bin/sh could not start {program}: {line} {error}".TrimEnd());
    }

    /// <summary>Sends a signal; false when the program has already ended.</summary>
    public bool Signal(int signal)
    {
        lock (_lock)
        {
            if (_over)
            {
                return false;
            }

            UnixSignal.Send(Id, signal);
            return true;
        }
    }

    /// <summary>Kills the program, also a stopped one, and waits until it is gone.</summary>
    public Task KillAsync()
    {
        lock (_lock)
        {
            if (_over)
            {
                return Exited;
            }

            if (OperatingSystem.IsWindows())
            {
                _supervisor.Kill();
            }
            else
            {
                UnixSignal.Send(Id, UnixSignal.Kill);
            }
        }

        return Exited;
    }

    private async Task<int> PumpAsync(BoundedLog log)
    {
        await Task.WhenAll(ReadAsync(_supervisor.StandardOutput, log), ReadAsync(_supervisor.StandardError, log))
            .ConfigureAwait(false);
        lock (_lock)
        {
            _over = true;
        }

        _supervisor.StandardInput.Close();
        await _supervisor.WaitForExitAsync().ConfigureAwait(false);
        var code = _supervisor.ExitCode;
        _supervisor.Dispose();
        _job?.Dispose();
        return code;
    }

    private static async Task ReadAsync(StreamReader reader, BoundedLog log)
    {
        while (await reader.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            log.Add(line);
        }
    }
}
