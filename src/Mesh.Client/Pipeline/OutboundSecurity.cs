using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>What decides how the calls of this process travel, for all upstreams at once.</summary>
internal sealed class OutboundSecurity : IDisposable
{
    private readonly IMeshIdentity _identity;
    private readonly OwnPolicy? _policy;
    private readonly ITlsMemory? _memory;
    private volatile MeshIdentity? _last;

    /// <param name="identity">Who we are.</param>
    /// <param name="policy">What is demanded; <see langword="null"/> demands nothing.</param>
    /// <param name="paths">How identities name services.</param>
    /// <param name="memory">Outlives the process.</param>
    public OutboundSecurity(
        IMeshIdentity identity,
        OwnPolicy? policy = null,
        IdentityPaths? paths = null,
        ITlsMemory? memory = null)
    {
        (_identity, _policy, _memory) = (identity, policy, memory);
        Paths = paths ?? new IdentityPaths();
        _last = identity.Current;
        FirstAnswer = policy is null ? identity.FirstAnswer : Task.WhenAll(identity.FirstAnswer, policy.FirstWord);
        identity.Changed += OnIdentity;
        if (policy is not null)
        {
            policy.Changed += OnPolicy;
        }
    }

    /// <summary>The process has no identity, and asks for none.</summary>
    public static OutboundSecurity None => new(new NoIdentity());

    /// <summary>
    /// Something an upstream decides by was replaced. True when connections made before should make way for new ones: the
    /// certificate or the roots are others.
    /// </summary>
    public event Action<bool>? Changed;

    /// <summary>Ours, as it is now.</summary>
    public MeshIdentity? Identity => _identity.Current;

    /// <summary>Ends when it is clear whether there is an identity, and what policy demands.</summary>
    public Task FirstAnswer { get; }

    /// <summary>As <see cref="FirstAnswer"/>, without the moment that its continuations take.</summary>
    public bool IsClear => _identity.FirstAnswer.IsCompleted && _policy?.FirstWord.IsCompleted != false;

    /// <summary>How identities name services.</summary>
    public IdentityPaths Paths { get; }

    /// <summary>What policy demands.</summary>
    public OutboundTls Mode => _policy?.Security.OutboundTls ?? OutboundTls.Auto;

    /// <summary>An operator allows plaintext for this service, whatever was seen before.</summary>
    public bool AllowsPlaintext(string service) =>
        _policy?.Security.OutboundPlaintext.Contains(service, StringComparer.OrdinalIgnoreCase) == true;

    /// <summary>The service was seen with TLS, or that is forgotten.</summary>
    public void Remember(string service, bool seen) => _memory?.RecordTls(service, seen);

    public void Dispose()
    {
        _identity.Changed -= OnIdentity;
        if (_policy is not null)
        {
            _policy.Changed -= OnPolicy;
        }
    }

    private void OnIdentity()
    {
        var (before, now) = (_last, _identity.Current);
        _last = now ?? before;
        Changed?.Invoke(before is not null && now is not null && !ReferenceEquals(before, now));
    }

    private void OnPolicy() => Changed?.Invoke(false);
}
