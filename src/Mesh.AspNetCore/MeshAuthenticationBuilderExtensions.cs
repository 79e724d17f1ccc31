using Mesh.AspNetCore.Door;
using Microsoft.AspNetCore.Authentication;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the identity of the calling service as a scheme of authentication.</summary>
public static class MeshAuthenticationBuilderExtensions
{
    /// <summary>The scheme's name.</summary>
    public const string MeshScheme = "Mesh";

    /// <summary>
    /// Adds scheme <see cref="MeshScheme"/>: the principal is the service that the connection proved, its name the
    /// service's (or the whole SPIFFE ID when that names none), with the claims <c>spiffe_id</c> and <c>trust_domain</c>.
    /// Nothing is taken from headers. A challenge and a refusal both answer 403: there is nothing to log in with.
    /// </summary>
    /// <remarks>
    /// Only this call adds the scheme. An application whose only scheme it is has it as its default, as with every other
    /// one: .NET then authenticates every request by it.
    /// </remarks>
    /// <param name="builder">What <c>AddAuthentication()</c> returned.</param>
    /// <returns>The same builder.</returns>
    public static AuthenticationBuilder AddMesh(this AuthenticationBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.AddScheme<AuthenticationSchemeOptions, MeshAuthenticationHandler>(MeshScheme, configureOptions: null);
    }
}
