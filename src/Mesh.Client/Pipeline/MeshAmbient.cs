namespace Mesh.Client.Pipeline;

/// <summary>The request on whose behalf the code runs that asks.</summary>
internal static class MeshAmbient
{
    private static readonly AsyncLocal<ServedRequest?> Current = new();

    /// <summary>
    /// The request being served here; <see langword="null"/> where it says nothing, where there is none, and when it has
    /// ended.
    /// </summary>
    public static ServedRequest? Served
    {
        get => Current.Value is { IsEnded: false } served ? served : null;
        set => Current.Value = value;
    }
}
