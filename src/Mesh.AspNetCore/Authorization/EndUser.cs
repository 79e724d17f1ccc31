using System.Security.Claims;

namespace Mesh.AspNetCore.Authorization;

/// <summary>The person or program on whose behalf a request is made, as the application's authentication knows it.</summary>
/// <param name="IsKnown">The application was asked; without that, nothing is said.</param>
/// <param name="Principal">Who it is; <see langword="null"/> when nobody is authenticated.</param>
internal readonly record struct EndUser(bool IsKnown, ClaimsPrincipal? Principal)
{
    public static EndUser Nobody { get; } = new(true, null);
}
