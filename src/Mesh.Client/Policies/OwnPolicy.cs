using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>
/// What is in force at this process's own door and for its own calls, whoever asked for it last. One singleton, fed by
/// <see cref="PolicyFeed"/>; reading is one volatile read. A security document that is refused keeps the last good one;
/// nothing that vanishes loosens it.
/// </summary>
internal sealed class OwnPolicy
{
    private readonly TaskCompletionSource _firstWord = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile SecurityPolicy _security;
    private volatile InboundPolicy _inbound = new();
    private volatile bool _unknown;
    private int _untold;

    public OwnPolicy(string service) => _security = new SecurityPolicy { Service = service };

    /// <summary>Either was replaced. Raised outside of any lock.</summary>
    public event Action? Changed;

    public SecurityPolicy Security => _security;

    public InboundPolicy Inbound => _inbound;

    /// <summary>
    /// A security document is there that could not be understood, and no earlier one is known: the process is not ready.
    /// </summary>
    public bool IsUnknown => _unknown;

    /// <summary>
    /// Ends when a source has said what it has to say, or the snapshot of an earlier run stands in for it, or it is clear
    /// that none can be heard now: a door that opens before would stand open with built-in defaults.
    /// </summary>
    public Task FirstWord => _firstWord.Task;

    /// <summary>Puts into force and tells.</summary>
    public void Set(SecurityPolicy security, InboundPolicy inbound, bool unknown)
    {
        Put(security, inbound, unknown);
        Tell();
    }

    /// <summary>Puts into force; whoever holds a lock calls <see cref="Tell"/> when it has left it.</summary>
    public void Put(SecurityPolicy security, InboundPolicy inbound, bool unknown)
    {
        (_security, _inbound, _unknown) = (security, inbound, unknown);
        Volatile.Write(ref _untold, 1);
    }

    /// <summary>Raises <see cref="Changed"/> when something was put into force since the last time.</summary>
    public void Tell()
    {
        if (Interlocked.Exchange(ref _untold, 0) == 1)
        {
            Changed?.Invoke();
        }
    }

    /// <summary>The first word was said, or will not be waited for.</summary>
    public void Settle() => _firstWord.TrySetResult();
}
