namespace Mesh.Policy;

/// <summary>The words of <see cref="Mechanisms"/> in switch documents, reports and logs.</summary>
public static class MechanismWords
{
    private static readonly (string Word, Mechanisms Mechanism)[] Table =
    [
        ("retry", Mechanisms.Retry),
        ("hedge", Mechanisms.Hedge),
        ("eject", Mechanisms.Eject),
        ("routes", Mechanisms.Routes),
        ("timeouts", Mechanisms.Timeouts),
        ("limits", Mechanisms.Limits),
        ("faults", Mechanisms.Faults),
        ("balance", Mechanisms.Balance),
    ];

    // The sections of a policy document, for whoever types what is written there.
    private static readonly (string Word, Mechanisms Mechanism)[] Sections =
    [
        ("outlier", Mechanisms.Eject),
        ("timeout", Mechanisms.Timeouts),
    ];

    /// <summary>Every word, in the order of the values.</summary>
    public static IReadOnlyList<string> All { get; } = [.. Table.Select(e => e.Word)];

    /// <summary>The words of the mechanisms in <paramref name="mechanisms"/>.</summary>
    public static IReadOnlyList<string> Of(Mechanisms mechanisms) =>
        [.. Table.Where(e => (mechanisms & e.Mechanism) != 0).Select(e => e.Word)];

    /// <summary>
    /// The mechanism of a word, in any case. The names of a policy's sections are understood too: <c>outlier</c> is
    /// <c>eject</c>, <c>timeout</c> is <c>timeouts</c>.
    /// </summary>
    public static bool TryParse(string? word, out Mechanisms mechanism)
    {
        mechanism = Table.Concat(Sections)
            .FirstOrDefault(e => string.Equals(e.Word, word, StringComparison.OrdinalIgnoreCase)).Mechanism;
        return mechanism != Mechanisms.None;
    }
}
