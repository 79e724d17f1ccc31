using Mesh.Policy.Language;

namespace Mesh.Policy.Validation;

/// <summary>What splits and <c>onEmpty</c> refer to must exist, and must not go in circles.</summary>
internal static class SubsetChecks
{
    /// <param name="document">The document as far as it could be read.</param>
    /// <param name="declared">Every subset the text names, also those that could not be read.</param>
    /// <param name="context">Where problems go.</param>
    public static void Check(TrafficDocument document, IReadOnlySet<string> declared, ReadContext context)
    {
        foreach (var (name, subset) in document.Subsets ?? new Dictionary<string, SubsetSection>())
        {
            var path = Pointer.Append(Pointer.Append("/subsets", name), "onEmpty");
            if (subset.OnEmpty is { } substitute && !declared.Contains(substitute))
            {
                RefuseUnknown(substitute, path, $"\"{substitute}\"", declared, context);
            }
            else if (GoesInCircle(name, document.Subsets!))
            {
                context.Refuse(
                    path,
                    ProblemCodes.SubsetCycle,
                    $"Following onEmpty from \"{name}\" comes back to \"{name}\"; " +
                    "one of these subsets must do without.",
                    $"\"{subset.OnEmpty}\"");
            }
        }

        foreach (var route in document.Routes ?? [])
        {
            foreach (var (subset, share) in route.Split ?? new Dictionary<string, Percentage>())
            {
                if (!declared.Contains(subset))
                {
                    var path = Pointer.Append(Pointer.Append(context.PlaceOf(route), "split"), subset);
                    RefuseUnknown(subset, path, $"\"{share}\"", declared, context);
                }
            }
        }
    }

    private static void RefuseUnknown(
        string subset, string path, string value, IReadOnlySet<string> declared, ReadContext context)
    {
        var suggestion = Suggestions.Closest(subset, declared);
        context.Refuse(
            path,
            ProblemCodes.UnknownSubset,
            $"The document defines no subset \"{subset}\"{Wording.DidYouMean(suggestion)}",
            value,
            declared.Count == 0 ? null : Wording.Or([.. declared]),
            suggestion);
    }

    private static bool GoesInCircle(string start, IReadOnlyDictionary<string, SubsetSection> subsets)
    {
        var name = start;
        for (var steps = 0; steps < subsets.Count; steps++)
        {
            if (!subsets.TryGetValue(name, out var subset) || subset.OnEmpty is not { } next)
            {
                return false;
            }

            if (next == start)
            {
                return true;
            }

            name = next;
        }

        return false;
    }
}
