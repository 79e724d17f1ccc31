using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <content>The documents about this process itself: its door, the calls it receives, and what its own calls demand.</content>
internal sealed partial class PolicyStore
{
    private string? _ownRevision;
    private IReadOnlyList<PolicyKey> _hidden = [];

    /// <summary>The documents that say what stands at this process's door.</summary>
    public IReadOnlyList<PolicyKey> Doors => [PolicyKey.GlobalSecurity, PolicyKey.SecurityOf(_self.Service)];

    /// <summary>The services to ask a desk about: the upstreams, and this process itself.</summary>
    public IReadOnlyList<string> Services
    {
        get
        {
            lock (_gate)
            {
                return [.. _upstreams.Keys.Append(_self.Service).Distinct().Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>The document is about this process itself, whomever it calls.</summary>
    public bool IsOwn(PolicyKey key) => key.Kind != PolicyDocumentKind.Switches && key.Scope switch
    {
        PolicyScope.Service => string.Equals(key.Name, _self.Service, StringComparison.OrdinalIgnoreCase),
        _ => key.Kind == PolicyDocumentKind.Security,
    };

    /// <summary>
    /// The token may not read these documents about the door: whether they exist is not known, and what was known of them
    /// stays. None: it may read all.
    /// </summary>
    public void Hide(IReadOnlyList<PolicyKey> doors)
    {
        bool any;
        lock (_gate)
        {
            any = !_hidden.SequenceEqual(doors);
            _hidden = doors;
        }

        if (any)
        {
            Changed?.Invoke();
        }
    }

    private static bool IsSpread(PolicyKey key) =>
        key is { Scope: PolicyScope.Global, Kind: not PolicyDocumentKind.Switches };

    private bool ConcernsLocked(PolicyKey key) => key.Scope switch
    {
        PolicyScope.Global => true,
        PolicyScope.Caller => string.Equals(key.Name, _self.Service, StringComparison.OrdinalIgnoreCase),
        _ => IsOwn(key) || (key.Kind != PolicyDocumentKind.Security && _upstreams.ContainsKey(key.Name!)),
    };

    private void Tell()
    {
        _own.Tell();
        Changed?.Invoke();
    }

    private void ApplyOwnLocked()
    {
        var (security, traffic) = (_book.Find(PolicyKey.GlobalSecurity), _book.Find(PolicyKey.GlobalTraffic));
        var ownSecurity = _book.Find(PolicyKey.SecurityOf(_self.Service));
        var ownTraffic = _book.Find(PolicyKey.TrafficTo(_self.Service));
        var isUnknown = IsUnknown(security) || IsUnknown(ownSecurity);
        var revision = string.Join(
            ' ', [isUnknown, .. new[] { security, ownSecurity, traffic, ownTraffic }.Select(d => d?.Good?.Revision)]);
        if (revision != _ownRevision)
        {
            _ownRevision = revision;
            _own.Put(
                SecurityMerger.Merge(_self.Service, security?.Security, ownSecurity?.Security),
                PolicyMerger.MergeInbound(traffic?.Traffic, ownTraffic?.Traffic),
                isUnknown);
        }
    }

    /// <summary>It is there, and no revision of it was ever understood.</summary>
    private static bool IsUnknown(StoredDocument? document) => document is { Good: null, Problems.Count: > 0 };
}
