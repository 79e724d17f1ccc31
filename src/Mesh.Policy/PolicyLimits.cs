namespace Mesh.Policy;

/// <summary>Upper bounds on the size of a document, against absurd input.</summary>
public static class PolicyLimits
{
    /// <summary>Bytes of a document: 512 KiB, the size Consul allows a value in KV.</summary>
    public const int DocumentBytes = 512 * 1024;

    /// <summary>Levels of nesting: 16; the language itself needs seven.</summary>
    public const int Depth = 16;

    /// <summary>Routes of a service: 256, each a linear step of every call that matches none before it.</summary>
    public const int Routes = 256;

    /// <summary>Subsets of a service: 64.</summary>
    public const int Subsets = 64;

    /// <summary>Rates of a service: 64, each a step of every request it receives.</summary>
    public const int Rates = 64;

    /// <summary>Rules of authorization in a document: 256, each a step of every request that matches none before it.</summary>
    public const int Rules = 256;

    /// <summary>Callers, and gRPC methods, of one rule: 256.</summary>
    public const int Callers = 256;

    /// <summary>Problems reported of one document: 100; nobody reads further, and reports stay small.</summary>
    public const int Problems = 100;

    /// <summary>Characters of a regular expression: 512.</summary>
    public const int RegexLength = 512;
}
