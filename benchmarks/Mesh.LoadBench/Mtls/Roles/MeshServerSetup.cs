namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>One instance of a service of the mesh.</summary>
internal sealed record MeshServerSetup(string Service, string Instance, string Consul);
