namespace Mesh.Policy;

/// <summary>The version of what desk and clients exchange.</summary>
public static class WireSchema
{
    /// <summary>
    /// 1. The number stays while members are only added: a reader skips what it does not know. It is raised only when
    /// an older reader must not go on, and a reader refuses a number above its own.
    /// </summary>
    public const int Current = 1;

    /// <summary>True when this version may act on a message of schema <paramref name="schema"/>.</summary>
    /// <param name="schema">The message's number; 0 when it carries none, which is never readable.</param>
    public static bool IsReadable(int schema) => schema is >= 1 and <= Current;
}
