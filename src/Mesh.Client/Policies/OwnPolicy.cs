using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>
/// What is in force at this process's own door and for its own calls, whoever asked for it last. One singleton, fed by
/// <see cref="PolicyFeed"/>; reading is one volatile read. A security document that is refused keeps the last good one;
/// nothing that vanishes loosens it.
/// </summary>
internal sealed class OwnPolicy
{
    private volatile SecurityPolicy _security;
    private volatile InboundPolicy _inbound = new();

    public OwnPolicy(string service) => _security = new SecurityPolicy { Service = service };

    /// <summary>Either was replaced. Raised outside of any lock.</summary>
    public event Action? Changed;

    public SecurityPolicy Security => _security;

    public InboundPolicy Inbound => _inbound;

    /// <summary>
    /// A security document is there that could not be understood, and no earlier one is known: the process is not ready.
    /// </summary>
    public bool IsUnknown { get; private set; }

    /// <summary>Puts into force.</summary>
    public void Set(SecurityPolicy security, InboundPolicy inbound, bool unknown)
    {
        (_security, _inbound, IsUnknown) = (security, inbound, unknown);
        Changed?.Invoke();
    }
}
