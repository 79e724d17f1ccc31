using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Support;

/// <summary>Keeps what was logged, so that a test can say how often and about whom.</summary>
internal sealed class LogCollector : ILoggerProvider
{
    private readonly ConcurrentQueue<(string Category, LogLevel Level, EventId Event, string Text)> _entries = new();

    public IReadOnlyCollection<(string Category, LogLevel Level, EventId Event, string Text)> Entries => _entries;

    public string[] Of(int eventId) => [.. _entries.Where(e => e.Event.Id == eventId).Select(e => e.Text)];

    public ILogger CreateLogger(string categoryName) => new Logger(categoryName, _entries);

    public void Dispose()
    {
    }

    private sealed class Logger(
        string category, ConcurrentQueue<(string Category, LogLevel Level, EventId Event, string Text)> entries) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            entries.Enqueue((category, logLevel, eventId, formatter(state, exception)));
    }
}
