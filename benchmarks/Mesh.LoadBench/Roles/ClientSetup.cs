namespace Mesh.LoadBench.Roles;

/// <summary>What one client process is: one variant, for the whole run.</summary>
/// <param name="UsesMesh">Through the mesh, to a service with static endpoints; else a plain HttpClient.</param>
/// <param name="UsesHttp2">HTTP/2 without TLS; else HTTP/1.1.</param>
/// <param name="Telemetry">Spans and metrics of the platform and of the mesh go through the OpenTelemetry SDK.</param>
/// <param name="Ports">Ports of the server called. A plain client takes them in turn, by hand.</param>
/// <param name="ServerId">The server's process, for its processor time.</param>
internal sealed record ClientSetup(bool UsesMesh, bool UsesHttp2, bool Telemetry, int[] Ports, int ServerId);
