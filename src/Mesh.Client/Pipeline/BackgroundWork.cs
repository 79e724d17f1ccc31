using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Starts work that outlives the call that happened to trigger it: without that call's execution context (its activity,
/// its culture, its security token), and never unobserved.
/// </summary>
internal static partial class BackgroundWork
{
    /// <summary>The longest pause of work that throws again and again.</summary>
    public static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>Starts <paramref name="work"/> on the thread pool.</summary>
    /// <param name="name">For the log line of a defect.</param>
    /// <param name="work">Ends by itself or when cancelled.</param>
    /// <param name="logger">Hears of exceptions, which are defects of ours.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Completes, never faulted, when the work has ended.</returns>
    public static Task Start(
        string name, Func<CancellationToken, Task> work, ILogger logger, CancellationToken cancellationToken)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => RunAsync(name, work, logger, cancellationToken), CancellationToken.None);
        }
    }

    /// <summary>The same for a loop that has no end of its own: see <see cref="KeepAsync"/>.</summary>
    public static Task Keep(
        string name, Func<CancellationToken, Task> work, TimeProvider time, Random random, ILogger logger,
        CancellationToken cancellationToken) =>
        Start(name, ct => KeepAsync(name, work, time, random, logger, ct), logger, cancellationToken);

    /// <summary>
    /// Does <paramref name="work"/> and begins it anew whenever it throws, after a pause that doubles from a second to
    /// <see cref="LongestPause"/>: one exception that nobody expected must not end for good what the process lives by.
    /// Returns when the work does.
    /// </summary>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static async Task KeepAsync(
        string name, Func<CancellationToken, Task> work, TimeProvider time, Random random, ILogger logger,
        CancellationToken cancellationToken)
    {
        for (var failures = 0; ;)
        {
            var began = time.GetTimestamp();
            try
            {
                await work(cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception error) when (!cancellationToken.IsCancellationRequested)
            {
                failures = time.GetElapsedTime(began) > LongestPause ? 1 : failures + 1;
                TellThatItGoesOn(logger, name, error);
            }

            var pause = TimeSpan.FromSeconds(Math.Pow(2, Math.Min(failures - 1, 10)));
            pause = (pause < LongestPause ? pause : LongestPause) * (0.5 + (random.NextDouble() / 2));
            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Logs an exception that nobody expected, of work that goes on.</summary>
    public static void TellThatItGoesOn(ILogger logger, string name, Exception error)
    {
        try
        {
            Log.GoesOn(logger, name, error);
        }
        catch (Exception)
        {
            // As below: nobody is left to tell.
        }
    }

    /// <summary>
    /// A one-shot timer without the caller's execution context; <see cref="ITimer.Change"/> arms it. What its callback
    /// throws is logged: on a timer's thread it would end the process, and loggers and meter listeners are the application's.
    /// </summary>
    public static ITimer CreateTimer(TimeProvider time, Action callback, ILogger logger)
    {
        using (ExecutionContext.IsFlowSuppressed() ? default(AsyncFlowControl?) : ExecutionContext.SuppressFlow())
        {
            return time.CreateTimer(
                static state => ((Action)state!)(), () => Guard("timer", callback, logger), Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Does what must not throw; an exception is logged.</summary>
    public static void Guard(string name, Action work, ILogger logger)
    {
        try
        {
            work();
        }
        catch (Exception error)
        {
            Tell(logger, name, error);
        }
    }

    private static async Task RunAsync(
        string name, Func<CancellationToken, Task> work, ILogger logger, CancellationToken cancellationToken)
    {
        try
        {
            await work(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to end.
        }
        catch (Exception error)
        {
            Tell(logger, name, error);
        }
    }

    private static void Tell(ILogger logger, string name, Exception error)
    {
        try
        {
            Log.Failed(logger, name, error);
        }
        catch (Exception)
        {
            // The logger itself throws: there is nobody left to tell.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4900, LogLevel.Error,
            "Background work '{Name}' of the mesh ended with an unexpected error. Calls go on with the last good state.")]
        public static partial void Failed(ILogger logger, string name, Exception error);

        [LoggerMessage(4901, LogLevel.Error,
            "Background work '{Name}' of the mesh met an unexpected error and goes on in a moment. Calls go on with the " +
            "last good state.")]
        public static partial void GoesOn(ILogger logger, string name, Exception error);
    }
}
