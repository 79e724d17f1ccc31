using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>A logger of an application that throws at every line.</summary>
internal sealed class ThrowingLogger<T> : ILogger<T>
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => true;

    public void Log<TState>(
        LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) =>
        throw new InvalidOperationException("This logger throws.");
}
