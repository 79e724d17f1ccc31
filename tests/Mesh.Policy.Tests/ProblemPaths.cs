using Mesh.Policy.Language;

namespace Mesh.Policy.Tests;

/// <summary>A problem must point at something: what it names is in the document, or its parent is.</summary>
internal static class ProblemPaths
{
    public static void ShouldExist(IEnumerable<PolicyProblem> problems, ReadOnlyMemory<byte> body)
    {
        var root = NodeParser.Parse(body.Span, new ReadContext(ReadOptions.Strict));
        foreach (var problem in problems)
        {
            // Only a field that is not there may be named by its parent; and what is no JSON has the root alone.
            var path = problem.Code == ProblemCodes.MissingField
                ? problem.Path[..problem.Path.LastIndexOf('/')]
                : problem.Path;
            Assert.True(
                path.Length == 0 || problem.Code == ProblemCodes.TooDeep || (root is not null && Exists(root, path)),
                $"{problem.Code} points at {problem.Path}, which is not in the document.");
        }
    }

    private static bool Exists(PolicyNode root, string path)
    {
        IEnumerable<PolicyNode> nodes = [root];
        foreach (var step in path.Split('/').Skip(1))
        {
            var name = step.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal);
            nodes = nodes.SelectMany(n => n.Kind switch
            {
                // A field that is there twice is one path with two values.
                NodeKind.Object => n.Members.Where(m => m.Key == name).Select(m => m.Value),
                NodeKind.List when int.TryParse(name, out var index) && index < n.Items.Count => [n.Items[index]],
                _ => [],
            }).ToList();
        }

        return nodes.Any();
    }
}
