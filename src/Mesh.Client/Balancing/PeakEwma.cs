namespace Mesh.Client.Balancing;

/// <summary>
/// An estimate that jumps to a peak at once and forgets it by and by: pure arithmetic, time is an argument, reading
/// changes nothing. Value and time fit into 64 bits, so that both are swapped by one compare-and-exchange.
/// </summary>
/// <remarks>
/// A plain moving average hides a peer that has just become slow; this one does not. The decay of 10 s is Finagle's and
/// Linkerd's. Reading decays as if a sample of zero came in, so that a punished endpoint that nobody calls becomes
/// attractive again. Time is in hundredths of a second: against a decay of 10 s that is a thousandth, and it
/// spares the shared word all but one write of a lower sample per hundredth.
/// </remarks>
/// <param name="Value">The estimate at <paramref name="Stamp"/>, in seconds; 0 means that there was no sample yet.</param>
/// <param name="Stamp">Coarse time of the value, in hundredths of a second, wrapped at 32 bits.</param>
internal readonly record struct PeakEwma(float Value, uint Stamp)
{
    /// <summary>Hundredths of a second after which a peak is worth 1/e of itself: 10 s.</summary>
    public const float Decay = 1000;

    // Below a microsecond nothing is measured; it keeps a real sample apart from "none".
    private const float Smallest = 1e-6f;

    /// <summary>No sample ever came in.</summary>
    public bool IsCold => Value == 0;

    public static PeakEwma Unpack(ulong packed) => new(BitConverter.UInt32BitsToSingle((uint)(packed >> 32)), (uint)packed);

    public ulong Pack() => (ulong)BitConverter.SingleToUInt32Bits(Value) << 32 | Stamp;

    /// <summary>The estimate at <paramref name="now"/>, in seconds.</summary>
    public float Read(uint now)
    {
        var age = Age(now);
        return age == 0 || Value == 0 ? Value : Value * MathF.Exp(-age / Decay);
    }

    /// <summary>The estimate after a sample of so many seconds.</summary>
    public PeakEwma With(float sample, uint now)
    {
        sample = MathF.Max(sample, Smallest);
        if (sample >= Value)
        {
            return new PeakEwma(sample, now);
        }

        var age = Age(now);
        return age == 0 ? this : new PeakEwma(sample + ((Value - sample) * MathF.Exp(-age / Decay)), now);
    }

    /// <summary>
    /// The estimate after learning that it is no less than so many seconds, as from a call that was given up: it may
    /// rise by that, never fall.
    /// </summary>
    public PeakEwma AtLeast(float bound, uint now) => bound > Read(now) ? new PeakEwma(bound, now) : this;

    // A clock that went back reads as no time at all.
    private float Age(uint now) => Math.Max(0, unchecked((int)(now - Stamp)));
}
