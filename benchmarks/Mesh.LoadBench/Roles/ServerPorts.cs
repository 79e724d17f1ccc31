namespace Mesh.LoadBench.Roles;

/// <summary>What the server process tells whoever started it.</summary>
internal sealed record ServerPorts(int ProcessId, int[] Http1, int[] Http2);
