using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Policies;

/// <summary>The replicas of the config server, as <see cref="MeshOptions.ConfigServer"/> lists them.</summary>
internal static class DeskAddresses
{
    /// <summary>Reads the list.</summary>
    /// <param name="text">Addresses, separated by commas.</param>
    /// <param name="addresses">Each once, in the order of the list, ending in a slash.</param>
    /// <param name="bad">The first that is none, when there is one.</param>
    public static bool TryParse(string text, out IReadOnlyList<Uri> addresses, [NotNullWhen(false)] out string? bad)
    {
        var found = new List<Uri>();
        addresses = found;
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!Uri.TryCreate(part.EndsWith('/') ? part : part + "/", UriKind.Absolute, out var uri) ||
                uri.Scheme is not ("http" or "https"))
            {
                bad = part;
                return false;
            }

            if (!found.Contains(uri))
            {
                found.Add(uri);
            }
        }

        bad = found.Count == 0 ? text : null;
        return bad is null;
    }
}
