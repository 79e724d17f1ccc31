using System.Diagnostics.Metrics;

namespace Mesh.Consul;

/// <summary>
/// Gives the handler a meter under another name: a read that blocks for five minutes would otherwise be the worst
/// sample in the application's own <c>http.client.request.duration</c>.
/// </summary>
internal sealed class ConsulMeterFactory : IMeterFactory
{
    /// <summary>The meter that carries the platform's client instruments for calls to Consul.</summary>
    public const string MeterName = "Mesh.Consul.Http";

    private static readonly Meter Shared = new(MeterName);

    public Meter Create(MeterOptions options) => Shared;

    public void Dispose()
    {
        // The meter is shared by all clients and lives as long as the process.
    }
}
