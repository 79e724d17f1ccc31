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
            else if (name == RouteRule.CatchAllName && (i != routes.Count - 1 || !MatchLanguage.TakesAll(routes[i].Match)))
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
            else if (MatchLanguage.TakesAll(route.Match))
            {
                catchAll = route.Name;
            }
            else if (!seen.TryAdd(MatchLanguage.Print(route.Match!), route.Name))
            {
                var other = seen[MatchLanguage.Print(route.Match!)];
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
