namespace Mesh.Policy;

internal readonly struct PolicySourceWords : IWireWords<PolicySource>
{
    public static string[] Words { get; } = ["unknown", "defaults", "desk", "kv", "files", "snapshot"];
}
