using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>Keeps what was logged.</summary>
internal sealed class LogSink : ILoggerProvider
{
    private readonly ConcurrentQueue<(EventId Id, LogLevel Level, string Text)> _lines = new();

    public IEnumerable<(EventId Id, LogLevel Level, string Text)> Lines => _lines;

    public int Count(int eventId) => _lines.Count(l => l.Id.Id == eventId);

    public string Text() => string.Join('\n', _lines.Select(l => $"{l.Level} {l.Id.Id} {l.Text}"));

    public ILogger CreateLogger(string categoryName) => new Logger(_lines);

    public void Dispose()
    {
    }

    private sealed class Logger(ConcurrentQueue<(EventId Id, LogLevel Level, string Text)> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Enqueue((eventId, logLevel, formatter(state, exception)));
    }
}
