namespace Mesh.LoadBench.Goodput;

/// <summary>What one server process does.</summary>
/// <param name="Work"><c>pool</c>: waits for one of few connections; <c>cpu</c>: keeps a processor busy.</param>
/// <param name="PolicyFolder">A folder with the policy that protects it; <see langword="null"/> protects nothing.</param>
internal sealed record GoodputSetup(string Work, string? PolicyFolder)
{
    /// <summary>Connections of the pool.</summary>
    public const int Connections = 8;

    /// <summary>How long a request keeps a connection of the pool, or a processor.</summary>
    public static readonly TimeSpan Pool = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc cref="Pool"/>
    public static readonly TimeSpan Processor = TimeSpan.FromMilliseconds(5);
}
