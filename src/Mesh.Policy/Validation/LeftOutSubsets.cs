using Mesh.Policy.Language;

namespace Mesh.Policy.Validation;

/// <summary>
/// Leaves out what refers to a subset that was left out: a route without its split would send its calls everywhere.
/// </summary>
internal static class LeftOutSubsets
{
    public static TrafficDocument Follow(TrafficDocument document, IReadOnlySet<string> declared, ReadContext context)
    {
        var subsets = new OrderedDictionary<string, SubsetSection>(document.Subsets?.AsEnumerable() ?? []);
        if (declared.All(subsets.ContainsKey))
        {
            return document;
        }

        bool IsLeftOut(string name) => declared.Contains(name) && !subsets.ContainsKey(name);
        bool LeansOnOne(SubsetSection subset) => subset.OnEmpty is { } substitute && IsLeftOut(substitute);
        while (subsets.FirstOrDefault(s => LeansOnOne(s.Value)) is { Key: { } name } entry)
        {
            LeaveOut(Pointer.Append("/subsets", name), entry.Value.OnEmpty!, context);
            subsets.Remove(name);
        }

        var routes = new List<RouteSection>();
        foreach (var route in document.Routes ?? [])
        {
            if (route.Split?.Keys.FirstOrDefault(IsLeftOut) is { } subset)
            {
                LeaveOut(context.PlaceOf(route), subset, context);
            }
            else
            {
                routes.Add(route);
            }
        }

        return document with
        {
            Subsets = subsets.Count == 0 ? null : subsets,
            Routes = routes.Count == 0 ? null : routes,
        };
    }

    private static void LeaveOut(string path, string subset, ReadContext context) => context.LeaveOut(
        path, ProblemCodes.LeftOut, $"Left out, because it refers to subset \"{subset}\", which is not understood.");
}
