namespace Mesh.Client.Security;

/// <summary>Holds the identity in force; whoever obtains one sets it.</summary>
internal sealed class CurrentIdentity : IMeshIdentity
{
    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile MeshIdentity? _current;

    public event Action? Changed;

    public MeshIdentity? Current => _current;

    public Task FirstAnswer => _firstAnswer.Task;

    /// <summary>Puts an identity into force, or takes it away, and tells everybody.</summary>
    public void Set(MeshIdentity? identity)
    {
        var before = _current;
        _current = identity;
        _firstAnswer.TrySetResult();
        if (!ReferenceEquals(before, identity))
        {
            Changed?.Invoke();
        }
    }
}
