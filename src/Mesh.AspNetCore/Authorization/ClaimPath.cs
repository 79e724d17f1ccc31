using System.Security.Claims;
using System.Text.Json;

namespace Mesh.AspNetCore.Authorization;

/// <summary>Finds in the end user's claims what a token said, by the names that tokens use.</summary>
internal static class ClaimPath
{
    /// <summary>Whether a claim has this value, or has it among its values.</summary>
    /// <param name="user">The end user.</param>
    /// <param name="path">The claim's name, and for one that is an object, the names within it.</param>
    /// <param name="value">The value.</param>
    public static bool Has(ClaimsPrincipal user, IReadOnlyList<string> path, string value)
    {
        if (path.Count == 0)
        {
            return false;
        }

        foreach (var claim in Find(user, path[0]))
        {
            if (path.Count == 1 ? claim.Value == value : HasWithin(claim.Value, path, value))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>
    /// Under its own name, and under the one that ASP.NET's handlers give it unless they are told not to
    /// (<c>MapInboundClaims</c>).
    /// </summary>
    public static IEnumerable<Claim> Find(ClaimsPrincipal user, string name)
    {
        var mapped = name switch
        {
            "sub" => ClaimTypes.NameIdentifier,
            "role" or "roles" => ClaimTypes.Role,
            "email" => ClaimTypes.Email,
            "name" => ClaimTypes.Name,
            _ => null,
        };
        return mapped is null ? user.FindAll(name) : user.FindAll(name).Concat(user.FindAll(mapped));
    }

    private static bool HasWithin(string text, IReadOnlyList<string> path, string value)
    {
        try
        {
            using var document = JsonDocument.Parse(text);
            var element = document.RootElement;
            foreach (var name in path.Skip(1))
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(name, out element))
                {
                    return false;
                }
            }

            return element.ValueKind == JsonValueKind.Array
                ? element.EnumerateArray().Any(e => e.ValueKind == JsonValueKind.String && e.GetString() == value)
                : element.ValueKind == JsonValueKind.String && element.GetString() == value;
        }
        catch (JsonException)
        {
            // A plain value, which has nothing within.
            return false;
        }
    }
}
