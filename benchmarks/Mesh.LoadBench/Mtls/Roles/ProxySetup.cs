namespace Mesh.LoadBench.Mtls.Roles;

/// <summary>A proxy to run.</summary>
/// <param name="File">The program.</param>
/// <param name="Arguments">Its arguments; it stays in the foreground.</param>
/// <param name="Stop">Arguments that end it; none when it may simply be killed.</param>
/// <param name="Port">It is ready when this loopback port accepts connections.</param>
internal sealed record ProxySetup(string File, string[] Arguments, string[]? Stop, int Port);
