using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Support;

/// <summary>Loggers of an application that throw at every line.</summary>
internal sealed class ThrowingLoggers : ILoggerFactory, ILogger
{
    public int Lines { get; private set; }

    public void AddProvider(ILoggerProvider provider)
    {
    }

    public ILogger CreateLogger(string categoryName) => this;

    public void Dispose()
    {
    }

    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        Lines++;
        throw new InvalidOperationException("This logger throws.");
    }
}
