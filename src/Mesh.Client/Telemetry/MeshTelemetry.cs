namespace Mesh.Client;

/// <summary>Names of the meter and the activity source of the mesh, and of everything they emit.</summary>
public static class MeshTelemetry
{
    /// <summary>The meter: <c>AddMeter(MeshTelemetry.MeterName)</c>.</summary>
    public const string MeterName = "Mesh.Client";

    /// <summary>The activity source: <c>AddSource(MeshTelemetry.ActivitySourceName)</c>.</summary>
    public const string ActivitySourceName = "Mesh.Client";
}
