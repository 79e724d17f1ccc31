using Mesh.Client.Pipeline;

namespace Mesh.Client.Outliers;

/// <summary>The shares of failures of an upstream's endpoints, summed up at one moment.</summary>
/// <param name="Sum">Sum of the shares of all endpoints that answered lately.</param>
/// <param name="Count">How many these are.</param>
/// <param name="At">When.</param>
internal sealed record PeerFailures(double Sum, int Count, long At)
{
    /// <summary>A sum is good for a second: an upstream of thousands is not summed up for every failed answer.</summary>
    public static readonly TimeSpan GoodFor = TimeSpan.FromSeconds(1);

    /// <summary>
    /// By how much an endpoint's share of failures must exceed its peers' to be its own fault: a service that answers 500
    /// everywhere has a bug, which no ejection cures; an endpoint with 30 points more than the others has a problem.
    /// </summary>
    public const double Margin = 0.3;

    /// <summary>The sum in <paramref name="known"/> while it is good, else a new one, which is left there.</summary>
    public static PeerFailures Fresh(
        ref PeerFailures? known, ReadOnlySpan<MeshEndpoint> endpoints, long now, MeshClock clock)
    {
        var peers = Volatile.Read(ref known);
        if (peers is null || clock.Until(peers.At, now) >= GoodFor)
        {
            peers = Of(endpoints, now);
            Volatile.Write(ref known, peers);
        }

        return peers;
    }

    /// <summary>Sums up the shares of these.</summary>
    public static PeerFailures Of(ReadOnlySpan<MeshEndpoint> endpoints, long now)
    {
        var sum = 0.0;
        var count = 0;
        foreach (var endpoint in endpoints)
        {
            if (endpoint.Load.Answers > 0)
            {
                sum += endpoint.Load.FailureShare;
                count++;
            }
        }

        return new PeerFailures(sum, count, now);
    }

    /// <summary>True when an endpoint with this share is clearly worse than the others.</summary>
    public bool IsExceededBy(double share) => Count > 1 && share >= ((Sum - share) / (Count - 1)) + Margin;
}
