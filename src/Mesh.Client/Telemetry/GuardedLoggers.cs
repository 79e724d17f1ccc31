using Microsoft.Extensions.Logging;

namespace Mesh.Client.Telemetry;

/// <summary>
/// The application's loggers, for those who must not be cut short in the middle of their work: a line that cannot be
/// written is lost, and nothing else.
/// </summary>
internal sealed class GuardedLoggers(ILoggerFactory loggers) : ILoggerFactory
{
    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public ILogger CreateLogger(string categoryName) => new Guarded(loggers.CreateLogger(categoryName));

    public void Dispose()
    {
        // The application's.
    }

    private sealed class Guarded(ILogger logger) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => logger.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel)
        {
            try
            {
                return logger.IsEnabled(logLevel);
            }
            catch (Exception)
            {
                return false;
            }
        }

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            try
            {
                logger.Log(logLevel, eventId, state, exception, formatter);
            }
            catch (Exception)
            {
                // There is nobody left to tell.
            }
        }
    }
}
