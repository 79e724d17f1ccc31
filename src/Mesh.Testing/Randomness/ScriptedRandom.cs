using System.Collections.Concurrent;

namespace Mesh.Testing;

/// <summary>
/// A random source that answers what a test has written down. Every number drawn, of whatever kind, takes the next
/// value of the script and scales it to the range asked for: 0.5 makes <c>Next(10)</c> answer 5. Thread-safe.
/// </summary>
public sealed class ScriptedRandom : Random
{
    private readonly ConcurrentQueue<double> _script = new();

    /// <summary>Makes a source with a script.</summary>
    /// <param name="values">The values, each at least 0 and less than 1.</param>
    public ScriptedRandom(params double[] values)
        : base(0)
    {
        ArgumentNullException.ThrowIfNull(values);
        foreach (var value in values)
        {
            Enqueue(value);
        }
    }

    /// <summary>Answers once the script has ended. Default: none, and drawing then throws.</summary>
    public Random? Afterwards { get; init; }

    /// <summary>How many values are left.</summary>
    public int Remaining => _script.Count;

    /// <summary>Appends a value.</summary>
    /// <param name="value">At least 0 and less than 1.</param>
    /// <returns>This source.</returns>
    public ScriptedRandom Enqueue(double value)
    {
        if (value is not (>= 0 and < 1))
        {
            throw new ArgumentOutOfRangeException(
                nameof(value), value, "A random value is at least 0 and less than 1.");
        }

        _script.Enqueue(value);
        return this;
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The script has ended and nothing answers afterwards.</exception>
    public override double NextDouble() => _script.TryDequeue(out var value)
        ? value
        : Afterwards?.NextDouble() ??
            throw new InvalidOperationException(
                "The script of random values has ended; enqueue more, or set Afterwards.");

    /// <inheritdoc/>
    public override int Next() => Next(int.MaxValue);

    /// <inheritdoc/>
    public override int Next(int maxValue) => (int)NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue) => (int)NextInt64(minValue, maxValue);

    /// <inheritdoc/>
    public override long NextInt64() => NextInt64(0, long.MaxValue);

    /// <inheritdoc/>
    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);

        // In decimal, so that the largest double below 1 never rounds up to the excluded bound.
        var range = (decimal)maxValue - minValue;
        return range == 0
            ? minValue
            : (long)(minValue + Math.Min(Math.Floor((decimal)NextDouble() * range), range - 1));
    }

    /// <inheritdoc/>
    public override float NextSingle() => Math.Min((float)NextDouble(), MathF.BitDecrement(1f));

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        NextBytes(buffer.AsSpan());
    }

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        foreach (ref var value in buffer)
        {
            value = (byte)Next(256);
        }
    }

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();
}
