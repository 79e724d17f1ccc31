using System.Diagnostics.Metrics;

namespace Mesh.Client.Policies;

/// <summary>
/// Gives the desk's connections a meter under another name: a stream that stays open for hours would otherwise be the
/// worst sample in the application's own <c>http.client.request.duration</c>.
/// </summary>
internal sealed class DeskMeterFactory : IMeterFactory
{
    /// <summary>The meter that carries the platform's client instruments for calls to the desk.</summary>
    public const string MeterName = "Mesh.Desk.Http";

    private static readonly Meter Shared = new(MeterName);

    public Meter Create(MeterOptions options) => Shared;

    public void Dispose()
    {
        // The meter is shared by all clients and lives as long as the process.
    }
}
