namespace Mesh.Client.Policies;

/// <summary>A desk that may be asked.</summary>
/// <param name="Address">Ends in a slash. Under <c>https</c> its identity is verified.</param>
/// <param name="IsNamed">
/// The configuration names it, which is trust in whoever answers there by the usual rules. Otherwise the catalog lists it,
/// where anybody may register.
/// </param>
internal sealed record DeskReplica(Uri Address, bool IsNamed);
