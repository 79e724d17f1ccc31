namespace Mesh.Policy;

internal readonly struct ClientDocumentStateWords : IWireWords<ClientDocumentState>
{
    public static string[] Words { get; } = ["unknown", "applied", "ignored-parts", "refused"];
}
