namespace Mesh.Client.Security;

/// <summary>When certificates are renewed: each at a time of its own, or whole fleets would renew together.</summary>
internal static class RenewalTime
{
    /// <summary>Whoever asks sooner wastes signatures, whoever asks later has no time left for an authority that is down.</summary>
    private const double Earliest = 0.6;

    private const double Latest = 0.9;

    /// <summary>At a random 60 to 90 % of the life.</summary>
    public static DateTimeOffset Of(MeshIdentity identity, Random random) =>
        identity.NotBefore + (Life(identity) * (Earliest + ((Latest - Earliest) * random.NextDouble())));

    /// <summary>After that, whoever watches should know that nothing came.</summary>
    public static DateTimeOffset Overdue(MeshIdentity identity) => identity.NotBefore + (Life(identity) * Latest);

    /// <summary>The pause before asking again: at random, and often enough before the end.</summary>
    public static TimeSpan Again(MeshIdentity identity, DateTimeOffset now, Random random)
    {
        var left = identity.NotAfter - now;
        var most = TimeSpan.FromTicks(Math.Clamp(
            left.Ticks / 5, TimeSpan.FromSeconds(30).Ticks, TimeSpan.FromHours(1).Ticks));
        return most * (0.2 + (0.8 * random.NextDouble()));
    }

    private static TimeSpan Life(MeshIdentity identity) => identity.NotAfter - identity.NotBefore;
}
