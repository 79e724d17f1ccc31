using System.Globalization;
using Mesh.ConfigServer.Wire;

namespace Mesh.ConfigServer.Doors;

/// <summary>Says an outlook in a sentence that promises no more than is known.</summary>
internal static class DoorWords
{
    public static string Of(string state, DoorFacts facts, IReadOnlyList<DoorCallerWire> callers, int bare) => state switch
    {
        "callers" =>
            $"{Count(callers.Select(c => c.Caller).Distinct(StringComparer.Ordinal).Count(), "caller")} would break: " +
            $"{Count(callers.Sum(c => c.Count), "request")} in the last 24 h",
        "unknown" => "No instance reports its door to this desk now",
        "no-identity" =>
            $"{bare} of {Count(facts.Instances, "instance")} {(bare == 1 ? "has" : "have")} no identity, and would refuse everybody",
        "nobody" => $"Safe to turn on: nobody in 24 h, {Reporting(facts)}",
        _ => $"Nobody yet, but that is no whole day: {Reporting(facts)} for {Length(facts.Covered)}{Unheard(facts)}",
    } + Silent(facts);

    private static string Reporting(DoorFacts facts) =>
        $"{Count(facts.Instances, "instance")} reporting to this desk";

    private static string Unheard(DoorFacts facts) => facts.Listening < facts.Covered
        ? $"; of instances that ended before this desk began to listen {Length(facts.Listening)} ago nothing is known"
        : "";

    private static string Silent(DoorFacts facts) => facts.Silent == 0
        ? "."
        : $". {Count(facts.Silent, "instance")} more {(facts.Silent == 1 ? "reports" : "report")} nothing of a door.";

    private static string Length(TimeSpan span) => span < TimeSpan.FromHours(1)
        ? $"{Math.Max(0, (int)span.TotalMinutes)} min"
        : string.Create(CultureInfo.InvariantCulture, $"{Math.Min(24, Math.Floor(span.TotalHours)):0} h");

    private static string Count(long number, string word) => $"{number} {word}{(number == 1 ? "" : "s")}";
}
