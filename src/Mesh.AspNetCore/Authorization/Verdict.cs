using Mesh.AspNetCore.Door;

namespace Mesh.AspNetCore.Authorization;

/// <summary>What somebody said about a request, and who said it.</summary>
/// <param name="Kind">What.</param>
/// <param name="Rule">The rule's name; <see cref="Intention"/> when an intention, or that there is none, decided.</param>
/// <param name="Detail">For the log: which intention, or which conditions.</param>
/// <param name="IsNoMatch">Nobody named the caller: the registry's default decided.</param>
internal readonly record struct Verdict(VerdictKind Kind, string Rule, string Detail, bool IsNoMatch = false)
{
    public const string Intention = DoorLedger.Intention;

    /// <summary>What the rules as a whole say to a request that none of them matches.</summary>
    public const string Otherwise = "otherwise";

    public static Verdict Allow { get; } = new(VerdictKind.Allow, "", "");
}
