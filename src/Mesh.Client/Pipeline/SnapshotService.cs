namespace Mesh.Client.Pipeline;

/// <summary>The endpoints of one service.</summary>
/// <param name="ConfirmedAt">When the registry last said so; each service ages by itself.</param>
/// <param name="Endpoints">The endpoints.</param>
internal sealed record SnapshotService(DateTimeOffset ConfirmedAt, SnapshotEndpoint[] Endpoints);
