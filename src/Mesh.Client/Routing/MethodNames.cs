namespace Mesh.Client.Routing;

/// <summary>The methods that a condition names.</summary>
internal static class MethodNames
{
    /// <summary>Whether the method is one of them, in any case; <see langword="null"/> names every method.</summary>
    public static bool Take(string[]? names, string method)
    {
        if (names is null)
        {
            return true;
        }

        foreach (var name in names)
        {
            if (name.Equals(method, StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }
}
