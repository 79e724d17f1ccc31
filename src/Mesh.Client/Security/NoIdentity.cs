namespace Mesh.Client.Security;

/// <summary>A process without an identity: it speaks and accepts plaintext only.</summary>
internal sealed class NoIdentity : IMeshIdentity
{
    public MeshIdentity? Current => null;

    public Task FirstAnswer => Task.CompletedTask;

    event Action? IMeshIdentity.Changed
    {
        add { }
        remove { }
    }
}
