using Mesh.Consul;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// How much an intention weighs: the more exactly it names the destination, and then the source, the more. Consul has a
/// number for each of the nine cases; where there is one namespace, four of them occur (9, 8, 6, 5).
/// </summary>
internal sealed class IntentionPrecedence
{
    private readonly int[,] _numbers;

    /// <param name="numbers">Rows by the names of the destination that are exact, columns by those of the source.</param>
    public IntentionPrecedence(int[,] numbers) => _numbers = numbers;

    /// <summary>Consul's numbers.</summary>
    public static IntentionPrecedence Consul { get; } = new(new[,] { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } });

    public int Of(Intention intention) => _numbers[
        Exact(intention.DestinationNamespace, intention.DestinationName),
        Exact(intention.SourceNamespace, intention.SourceName)];

    /// <summary>Highest first; what weighs the same, by name: that is Consul's order.</summary>
    public IEnumerable<Intention> Sort(IEnumerable<Intention> intentions) => intentions
        .OrderByDescending(Of)
        .ThenBy(i => i.SourceNamespace, StringComparer.Ordinal)
        .ThenBy(i => i.SourceName, StringComparer.Ordinal)
        .ThenBy(i => i.DestinationNamespace, StringComparer.Ordinal)
        .ThenBy(i => i.DestinationName, StringComparer.Ordinal);

    private static int Exact(string space, string name) =>
        space == Intention.Wildcard ? 0 : name == Intention.Wildcard ? 1 : 2;
}
