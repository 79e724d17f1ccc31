namespace Mesh.Policy;

internal readonly struct PolicyDocumentStateWords : IWireWords<PolicyDocumentState>
{
    public static string[] Words { get; } = ["unknown", "accepted", "refused", "orphaned", "expired"];
}
