namespace Mesh.Client.Hosting;

/// <summary>
/// Recognizes handlers of other packages that retry or choose endpoints, by name: the mesh references none of them. Two
/// layers that retry multiply each other's attempts, so the outer one is left to do it.
/// </summary>
internal static class ForeignHandlers
{
    private static readonly string[] Namespaces =
    [
        "Microsoft.Extensions.Http.Resilience.",
        "Microsoft.Extensions.ServiceDiscovery.",
        "Polly.",
        "Steeltoe.",
    ];

    /// <summary>Microsoft.Extensions.Http.Polly puts its handler into the factory's own namespace.</summary>
    private const string PollyHandler = "Microsoft.Extensions.Http.PolicyHttpMessageHandler";

    /// <summary>The first such handler's type, or <see langword="null"/>.</summary>
    public static string? Find(IEnumerable<DelegatingHandler> handlers)
    {
        foreach (var handler in handlers)
        {
            for (var type = handler.GetType(); type != typeof(DelegatingHandler) && type is not null; type = type.BaseType)
            {
                if (type.FullName is { } name && IsForeign(name))
                {
                    return name;
                }
            }
        }

        return null;
    }

    private static bool IsForeign(string name) =>
        name == PollyHandler || Array.Exists(Namespaces, n => name.StartsWith(n, StringComparison.Ordinal));
}
