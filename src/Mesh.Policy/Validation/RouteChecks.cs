using Mesh.Policy.Language;

namespace Mesh.Policy.Validation;

/// <summary>What must hold between routes: names are unique, and every route can be reached.</summary>
internal static class RouteChecks
{
    public static void Check(IReadOnlyList<RouteSection> routes, ReadContext context)
    {
        CheckNames(routes, context);
        CheckReach(routes, context);
    }

    /// <summary>True when a condition takes every call.</summary>
    public static bool TakesAll(MatchRule? match) =>
        match is null ||
        (match is { Methods: null, Headers: null, Query: null } &&
         (match.Paths is null || match.Paths.Any(p => p is { Kind: StringMatchKind.Prefix, Value: "/" })));

    private static void CheckNames(IReadOnlyList<RouteSection> routes, ReadContext context)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < routes.Count; i++)
        {
            var (name, path) = (routes[i].Name, Pointer.Append(context.PlaceOf(routes[i]), "name"));
            if (!names.Add(name))
            {
                context.Refuse(
                    path,
                    ProblemCodes.DuplicateName,
                    $"There is already a route \"{name}\"; names are unique.",
                    $"\"{name}\"");
            }
            else if (name == RouteRule.CatchAllName && (i != routes.Count - 1 || !TakesAll(routes[i].Match)))
            {
                context.Refuse(
                    path,
                    ProblemCodes.ReservedName,
                    $"\"{name}\" is the name of the last route that takes every other call; choose another one.",
                    $"\"{name}\"");
            }
        }
    }

    private static void CheckReach(IReadOnlyList<RouteSection> routes, ReadContext context)
    {
        string? catchAll = null;
        var seen = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var route in routes)
        {
            if (catchAll is not null)
            {
                Unreachable(route, $"route \"{catchAll}\" before it takes every call", context);
            }
            else if (TakesAll(route.Match))
            {
                catchAll = route.Name;
            }
            else if (!seen.TryAdd(RouteLanguage.Print(route.Match!), route.Name))
            {
                var other = seen[RouteLanguage.Print(route.Match!)];
                Unreachable(route, $"route \"{other}\" before it has the same condition", context);
            }
        }
    }

    private static void Unreachable(RouteSection route, string why, ReadContext context) => context.Refuse(
        context.PlaceOf(route),
        ProblemCodes.Unreachable,
        $"No call can reach route \"{route.Name}\": {why}.",
        $"\"{route.Name}\"");
}
