using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Puts together what decides about requests whenever a part of it changes: the intentions of the registry, the security
/// document, and who this process is.
/// </summary>
internal sealed class AuthorizationGate : IDisposable
{
    private readonly OwnPolicy _policy;
    private readonly IMeshIdentity _identity;
    private readonly IntentionWatch? _watch;
    private readonly IReadOnlyDictionary<string, string> _peers;
    private readonly ILogger _logger;

    // Guards the fields below and the order of replacements: parts change on threads of their own. Nothing is called
    // back under it.
    private readonly Lock _gate = new();
    private readonly HashSet<string> _complained = new(StringComparer.Ordinal);
    private string? _trustDomain;
    private volatile AuthorizationState? _state;

    /// <param name="policy">What is in force at this door.</param>
    /// <param name="identity">Who this process is.</param>
    /// <param name="watch">The registry's intentions; <see langword="null"/> where Consul is not used. Ended with this.</param>
    /// <param name="peers">Names of cluster peers by their trust domain.</param>
    /// <param name="logger">Hears of intentions that are not understood.</param>
    public AuthorizationGate(
        OwnPolicy policy,
        IMeshIdentity identity,
        IntentionWatch? watch,
        IReadOnlyDictionary<string, string> peers,
        ILogger<AuthorizationGate> logger)
    {
        (_policy, _identity, _watch, _peers, _logger) = (policy, identity, watch, peers, logger);
        policy.Changed += Rebuild;
        identity.Changed += Rebuild;
        if (watch is not null)
        {
            watch.Changed += Rebuild;

            // Before there is an identity, too: whoever comes with the first handshake is met by what was known.
            watch.Recall();
        }

        Rebuild();
    }

    /// <summary><see langword="null"/>: nothing is configured, and every request passes.</summary>
    public AuthorizationState? State => _state;

    /// <summary>The intentions as they are known; <see langword="null"/> before anything is, or when nobody watches.</summary>
    public IntentionView? Intentions => _watch?.View;

    /// <summary>Since the registry last said something new about them; <see langword="null"/> before its first answer.</summary>
    public TimeSpan? IntentionsAge => _watch?.Age;

    public void Dispose()
    {
        _policy.Changed -= Rebuild;
        _identity.Changed -= Rebuild;
        if (_watch is not null)
        {
            _watch.Changed -= Rebuild;
            _watch.Dispose();
        }
    }

    private void Rebuild()
    {
        // Without an identity nobody can prove his to this process: intentions would decide about nobody, and a watch of
        // them would cost the agent a connection for nothing.
        if (_policy.Security.Intentions == RuleMode.Enforce || _identity.Current is not null)
        {
            _watch?.Start();
        }

        string[] strange;
        lock (_gate)
        {
            // The trust domain stays known when the certificate is lost: connections live on, and callers with them.
            _trustDomain = _identity.Current?.TrustDomain ?? _trustDomain;
            var security = _policy.Security;
            var enforces = security.Intentions == RuleMode.Enforce;
            var intentions = _watch?.View is { } view
                ? new IntentionPlan(view.Intentions, view.DefaultAllows, _trustDomain, _peers, IntentionPrecedence.Consul)
                : null;
            var rules = security.Authorization is { } authorization
                ? new AuthorizationPlan(authorization, _trustDomain)
                : null;
            var locked = security.LockedAuthorization is { } minimum ? new AuthorizationPlan(minimum, _trustDomain) : null;
            var waits = _watch is { IsStarted: true, FirstAnswer.IsCompleted: false } ? _watch.FirstAnswer : null;
            _state = intentions is null or { AllowsAll: true } && rules is null && locked is null && waits is null &&
                (!enforces || intentions is not null)
                ? null
                : new AuthorizationState(intentions, locked, rules, enforces, waits);
            strange = [.. intentions?.NotUnderstood.Where(_complained.Add) ?? []];
        }

        foreach (var intention in strange)
        {
            AuthorizationLog.NotUnderstood(_logger, intention);
        }
    }
}
