using Mesh.Policy;

namespace Mesh.ConfigServer.Clients;

/// <summary>
/// A client and what it last said; what it understands is kept apart, once for all clients of one version.
/// </summary>
internal sealed record KnownClient(DateTimeOffset LastSeen, ClientReport Report, Vocabulary? Understands);
