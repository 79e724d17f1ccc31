namespace Mesh.Client.Pipeline;

/// <summary>The words for criticality in headers, baggage and metrics. They are stable.</summary>
internal static class CriticalityWords
{
    /// <summary>The key under which W3C baggage carries it.</summary>
    public const string BaggageKey = "mesh.criticality";

    private static readonly string[] Words = ["sheddable", "sheddable_plus", "critical", "critical_plus"];

    /// <summary>From the least to the most.</summary>
    public static IReadOnlyList<string> All => Words;

    public static string Word(this MeshCriticality criticality) => Words[criticality.Index()];

    /// <summary>0 for the least that matters.</summary>
    public static int Index(this MeshCriticality criticality) => criticality - MeshCriticality.Sheddable;

    /// <summary>A word in any case; <see langword="null"/> for anything else.</summary>
    public static MeshCriticality? Parse(ReadOnlySpan<char> text)
    {
        for (var i = 0; i < Words.Length; i++)
        {
            if (text.Equals(Words[i], StringComparison.OrdinalIgnoreCase))
            {
                return MeshCriticality.Sheddable + i;
            }
        }

        return null;
    }
}
