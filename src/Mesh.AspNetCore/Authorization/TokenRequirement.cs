using Mesh.Consul;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// An intention's demand for a token. Whose tokens are good is settled by the application's own authentication, which
/// verified them; here it counts that there is a user, and what the token says.
/// </summary>
internal static class TokenRequirement
{
    public static Fit Of(IReadOnlyList<IntentionTokenProvider>? providers, EndUser user)
    {
        if (providers is null or { Count: 0 })
        {
            return Fit.Yes;
        }

        if (!user.IsKnown)
        {
            return Fit.NeedsUser;
        }

        if (user.Principal is not { } principal)
        {
            return Fit.No;
        }

        foreach (var provider in providers)
        {
            if (provider.Claims.All(c => ClaimPath.Has(principal, c.Path, c.Value)))
            {
                return Fit.Yes;
            }
        }

        return Fit.No;
    }
}
