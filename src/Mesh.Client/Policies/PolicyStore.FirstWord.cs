using Mesh.Client.Pipeline;

namespace Mesh.Client.Policies;

/// <content>Who is supplied, and the first word about policy: calls to a service wait for it while a source may yet speak.</content>
internal sealed partial class PolicyStore
{
    private bool _silent;

    /// <summary>There is a desk or Consul KV, from which the first word is awaited. Default false.</summary>
    public bool HasLiveSource { get; init; }

    /// <summary>
    /// There is a folder, which stands in where no live source is heard: a door waits for it, too. Default false.
    /// </summary>
    public bool HasFolder { get; init; }

    /// <summary>The services whose documents concern this process.</summary>
    public IReadOnlyList<string> Upstreams
    {
        get
        {
            lock (_gate)
            {
                return [.. _upstreams.Keys.Order(StringComparer.Ordinal)];
            }
        }
    }

    /// <summary>It is no longer called.</summary>
    public void Detach(Upstream upstream)
    {
        lock (_gate)
        {
            _upstreams.Remove(upstream.Name);
        }
    }

    /// <summary>The live source cannot be heard now: nobody waits for its first word, until it was heard again.</summary>
    public void SourceSilent()
    {
        lock (_gate)
        {
            SettleLocked(about: null, silent: true);
        }
    }

    /// <summary>The folder was read, or cannot be.</summary>
    public void FolderRead() => _own.Settle();

    /// <summary>The live source has said all it has to say about an upstream that came later.</summary>
    public void Settle(string service)
    {
        lock (_gate)
        {
            _upstreams.GetValueOrDefault(service)?.Settle();
        }
    }

    private void AwaitLocked(AttachedUpstream upstream)
    {
        if (HasLiveSource && !_silent && !_bypass)
        {
            upstream.Await();
        }
    }

    private void SettleLocked(IReadOnlyCollection<string>? about, bool silent = false)
    {
        _silent = silent;
        if (!silent || !HasFolder)
        {
            _own.Settle();
        }

        foreach (var upstream in _upstreams.Values)
        {
            if (about is null || about.Contains(upstream.Name))
            {
                upstream.Settle();
            }
        }
    }
}
