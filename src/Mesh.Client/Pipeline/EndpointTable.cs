using Mesh.Client.Discovery;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The endpoints of an upstream by id: descriptions come and go, identities with their state stay. Changed under the
/// upstream's lock only; <see cref="All"/> may be read by anyone.
/// </summary>
internal sealed class EndpointTable(IEndpointOwner owner)
{
    private Dictionary<string, MeshEndpoint> _byId = [];
    private MeshEndpoint[] _all = [];

    /// <summary>All of them, in the order of their source. Never changed, only replaced.</summary>
    public MeshEndpoint[] All => Volatile.Read(ref _all);

    /// <summary>
    /// Takes over a new set. An id keeps its endpoint unless it is dialled elsewhere now: other address, other endpoint.
    /// </summary>
    /// <param name="infos">The new set; of ids that occur twice the first holds.</param>
    /// <param name="now">When slow starts begin.</param>
    /// <param name="change">Hears what is new and what returned.</param>
    public void Apply(IReadOnlyList<EndpointInfo> infos, long now, EndpointChange change)
    {
        // New ones get their share slowly only beside others that can carry the rest meanwhile.
        var ramp = Array.Exists(_all, static e => e.State == EndpointState.Ready);
        var next = new Dictionary<string, MeshEndpoint>(infos.Count);
        var all = new List<MeshEndpoint>(infos.Count);
        foreach (var info in infos)
        {
            if (next.ContainsKey(info.Id))
            {
                continue;
            }

            var endpoint = Kept(info, now, ramp, change) ?? Made(info, now, ramp, change);
            next.Add(info.Id, endpoint);
            all.Add(endpoint);
        }

        foreach (var endpoint in _all)
        {
            if (!next.TryGetValue(endpoint.Id, out var kept) || !ReferenceEquals(kept, endpoint))
            {
                change.Removed.Add(endpoint);
            }
        }

        _byId = next;
        Volatile.Write(ref _all, [.. all]);
    }

    private MeshEndpoint? Kept(EndpointInfo info, long now, bool ramp, EndpointChange change)
    {
        if (!_byId.TryGetValue(info.Id, out var endpoint) || endpoint.Host != info.Host || endpoint.Port != info.Port)
        {
            return null;
        }

        var before = endpoint.Info;
        endpoint.Info = info;
        if (IsFit(info))
        {
            if (!IsHealthy(before))
            {
                // Most likely restarted: cold again.
                endpoint.RampSince = ramp ? now : null;
                change.Timed.Add(endpoint);
            }

            if (!IsFit(before))
            {
                endpoint.ClearSuspicion();
            }
        }

        return endpoint;
    }

    private MeshEndpoint Made(EndpointInfo info, long now, bool ramp, EndpointChange change)
    {
        var endpoint = new MeshEndpoint(info, owner);
        if (ramp)
        {
            endpoint.RampSince = now;
            change.Timed.Add(endpoint);
        }

        return endpoint;
    }

    private static bool IsHealthy(EndpointInfo info) => info.Health is EndpointHealth.Passing or EndpointHealth.Warning;

    private static bool IsFit(EndpointInfo info) => IsHealthy(info) && !info.Vanished;
}
