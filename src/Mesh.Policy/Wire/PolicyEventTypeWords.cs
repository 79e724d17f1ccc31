namespace Mesh.Policy;

internal readonly struct PolicyEventTypeWords : IWireWords<PolicyEventType>
{
    public static string[] Words { get; } = ["unknown", "snapshot", "change", "heartbeat"];
}
