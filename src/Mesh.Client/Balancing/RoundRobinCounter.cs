using System.Runtime.InteropServices;

namespace Mesh.Client.Balancing;

/// <summary>A counter that every caller of an upstream advances, on a cache line of its own.</summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct RoundRobinCounter
{
    [FieldOffset(128)]
    private long _value;

    public void Set(long value) => _value = value;

    public long Next() => Interlocked.Increment(ref _value);
}
