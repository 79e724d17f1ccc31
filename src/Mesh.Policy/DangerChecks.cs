using Mesh.Policy.Language;

namespace Mesh.Policy;

/// <summary>
/// Finds what is valid but lethal and not accepted by the document itself: see <see cref="DangerCodes"/>.
/// </summary>
public static class DangerChecks
{
    /// <summary>Totals below this are a danger: 50 ms, less than one garbage collection or lost packet costs.</summary>
    public static readonly TimeSpan TinyTotal = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Finds splits that send calls to a subset without endpoints, directly and after following <c>onEmpty</c>. Only
    /// who knows the catalog can ask; reading a document cannot.
    /// </summary>
    /// <param name="document">An accepted document, read strictly.</param>
    /// <param name="hasEndpoints">Whether the subset of that name selects any endpoint now.</param>
    /// <returns>One problem for each such share above 0 %; none when the document accepts the danger.</returns>
    public static IReadOnlyList<PolicyProblem> SplitTargets(TrafficDocument document, Func<string, bool> hasEndpoints)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(hasEndpoints);
        var problems = new List<PolicyProblem>();
        if (IsAccepted(document, DangerCodes.EmptySubset))
        {
            return problems;
        }

        for (var i = 0; i < document.Routes?.Count; i++)
        {
            foreach (var (subset, share) in document.Routes[i].Split ?? new Dictionary<string, Percentage>())
            {
                if (share.Parts > 0 && !Chain(subset, document).Any(hasEndpoints))
                {
                    var path = Pointer.Append(Pointer.Append(Pointer.Append("/routes", i), "split"), subset);
                    problems.Add(Danger(
                        path,
                        DangerCodes.EmptySubset,
                        $"{share} of the calls would go to subset \"{subset}\", which has no endpoint",
                        $"\"{share}\""));
                }
            }
        }

        return problems;
    }

    internal static void Check(TrafficDocument document, ReadContext context)
    {
        if (IsAccepted(document, DangerCodes.TinyTimeout))
        {
            return;
        }

        CheckTotal(document.Timeout, "", context);
        foreach (var route in document.Routes ?? [])
        {
            CheckTotal(route.Timeout, context.PlaceOf(route), context);
        }
    }

    private static void CheckTotal(TimeoutSection? timeout, string path, ReadContext context)
    {
        if (timeout?.Total is { IsOff: false, Value: var total } && total < TinyTotal)
        {
            var text = Durations.Format(total);
            var danger = Danger(
                path + "/timeout/total",
                DangerCodes.TinyTimeout,
                $"A total of {text} would fail most calls",
                $"\"{text}\"",
                $"at least {Durations.Format(TinyTotal)}");
            context.Refuse(danger.Path, danger.Code, danger.Message, danger.Value, danger.Bound);
        }
    }

    private static PolicyProblem Danger(string path, string code, string what, string value, string? bound = null) =>
        new(path, code, $"{what}; if that is wanted, add \"accept\": [\"{code}\"] to the document.", value, bound);

    private static bool IsAccepted(TrafficDocument document, string code) => document.Accept?.Contains(code) == true;

    private static IEnumerable<string> Chain(string subset, TrafficDocument document)
    {
        var visited = new HashSet<string>(StringComparer.Ordinal);
        for (var name = subset; name is not null && visited.Add(name);)
        {
            yield return name;
            name = document.Subsets?.GetValueOrDefault(name)?.OnEmpty;
        }
    }
}
