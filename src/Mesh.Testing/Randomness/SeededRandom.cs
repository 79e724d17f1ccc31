using System.Buffers.Binary;

namespace Mesh.Testing;

/// <summary>
/// A random source that gives the same numbers for the same seed, on every platform and .NET version, and may be shared
/// by threads (who gets which number then depends on their order). Not for secrets.
/// </summary>
/// <param name="seed">Any number.</param>
public sealed class SeededRandom(long seed) : Random(0)
{
    // SplitMix64: the state only counts up by a constant, so that one interlocked addition makes it thread-safe.
    private const long Gamma = unchecked((long)0x9E3779B97F4A7C15);
    private long _state = seed;

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

        // The high half of a 128-bit product maps 64 random bits onto the range; its bias is the range over 2^64.
        return unchecked(minValue + (long)Math.BigMul(Bits(), (ulong)(maxValue - minValue), out _));
    }

    /// <inheritdoc/>
    public override double NextDouble() => (Bits() >> 11) * (1.0 / (1UL << 53));

    /// <inheritdoc/>
    public override float NextSingle() => (Bits() >> 40) * (1.0f / (1U << 24));

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        NextBytes(buffer.AsSpan());
    }

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        Span<byte> word = stackalloc byte[sizeof(ulong)];
        while (buffer.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(word, Bits());
            var count = Math.Min(word.Length, buffer.Length);
            word[..count].CopyTo(buffer);
            buffer = buffer[count..];
        }
    }

    /// <inheritdoc/>
    protected override double Sample() => NextDouble();

    private ulong Bits()
    {
        var z = (ulong)Interlocked.Add(ref _state, Gamma);
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
