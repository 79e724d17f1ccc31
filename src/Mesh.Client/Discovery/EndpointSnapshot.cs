namespace Mesh.Client.Discovery;

/// <summary>All endpoints of a service at one moment, as one source sees them.</summary>
/// <param name="Endpoints">Every endpoint, whatever its health; none twice.</param>
/// <param name="Source">Who says so.</param>
/// <param name="Known">False when the registry has never heard of the service.</param>
internal sealed record EndpointSnapshot(IReadOnlyList<EndpointInfo> Endpoints, EndpointSource Source, bool Known);
