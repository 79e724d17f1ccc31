using System.Diagnostics;

namespace Mesh.Client.Telemetry;

/// <summary>The activity source of the mesh.</summary>
internal static class MeshActivity
{
    public static readonly ActivitySource Source = new(MeshTelemetry.ActivitySourceName);
}
