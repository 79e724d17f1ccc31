namespace Mesh.Client.Hosting;

/// <summary>Says that the check is registered: a second registration under one name would fail every check.</summary>
internal sealed class MeshHealthCheckMarker;
