using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client;

/// <summary>A SPIFFE ID: <c>spiffe://&lt;trust domain&gt;/&lt;path&gt;</c>. Compared ordinally.</summary>
/// <param name="TrustDomain">Lower case, without port or user.</param>
/// <param name="Path">Begins with a slash.</param>
public sealed record SpiffeId(string TrustDomain, string Path)
{
    /// <summary>Reads an ID by the rules of the SPIFFE standard; false when it is none.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, [NotNullWhen(true)] out SpiffeId? id) =>
        throw new NotImplementedException();

    /// <summary>
    /// The service, when the path names one as Consul writes it (<c>/ns/&lt;ns&gt;/dc/&lt;dc&gt;/svc/&lt;service&gt;</c>) or as
    /// <c>Mesh:Identity:Path</c> does; <see langword="null"/> otherwise.
    /// </summary>
    public string? Service => throw new NotImplementedException();

    /// <summary>The ID as a URI.</summary>
    public override string ToString() => $"spiffe://{TrustDomain}{Path}";
}
