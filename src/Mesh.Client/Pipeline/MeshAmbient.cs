namespace Mesh.Client.Pipeline;

/// <summary>The request on whose behalf the code runs that asks.</summary>
internal static class MeshAmbient
{
    private static readonly AsyncLocal<ServedRequest?> Current = new();
    private static readonly AsyncLocal<MeshCriticality?> Chosen = new();

    // Most applications never choose: their calls need not look.
    private static volatile bool _chooses;

    /// <summary>
    /// The request being served here; <see langword="null"/> where it says nothing, where there is none, and when it has
    /// ended.
    /// </summary>
    public static ServedRequest? Served
    {
        get => Current.Value is { IsEnded: false } served ? served : null;
        set => Current.Value = value;
    }

    /// <summary>How much calls made here matter, where anybody said so.</summary>
    /// <param name="served">The request being served here.</param>
    public static MeshCriticality? CriticalityFor(ServedRequest? served) =>
        _chooses && Chosen.Value is { } chosen ? chosen : served?.Criticality;

    /// <summary>The application's word on how much calls matter, until disposed.</summary>
    internal sealed class Override : IDisposable
    {
        private readonly MeshCriticality? _before = Chosen.Value;

        public Override(MeshCriticality criticality)
        {
            _chooses = true;
            Chosen.Value = criticality;
        }

        public void Dispose() => Chosen.Value = _before;
    }
}
