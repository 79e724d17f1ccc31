using Mesh.Policy;

namespace Mesh.Client.Outliers;

/// <summary>An outlier rule compiled.</summary>
internal sealed class OutlierPlan
{
    public OutlierPlan(OutlierRule rule, bool switchedOff)
    {
        Enabled = rule.Enabled && !switchedOff;
        Consecutive = Math.Clamp(rule.Consecutive, 1, FailureRun.Longest);
        ConnectFailures = Math.Max(1, rule.ConnectFailures);
        EjectBase = rule.EjectBase;
        EjectMax = rule.EjectMax > rule.EjectBase ? rule.EjectMax : rule.EjectBase;
        MaxEjected = rule.MaxEjected;
    }

    /// <summary>False: nobody is ejected, and whoever was is back.</summary>
    public bool Enabled { get; }

    /// <summary>Failures in a row that eject.</summary>
    public int Consecutive { get; }

    /// <summary>Failed connects in a row that eject.</summary>
    public int ConnectFailures { get; }

    /// <summary>Length of the first ejection, before jitter.</summary>
    public TimeSpan EjectBase { get; }

    /// <summary>Longest ejection, before jitter.</summary>
    public TimeSpan EjectMax { get; }

    /// <summary>Largest share of the endpoints out at one time.</summary>
    public double MaxEjected { get; }

    /// <summary>
    /// How many of so many endpoints may be out at one time. One always may when there are two or more: a tenth of three
    /// endpoints would be none, which would silently switch ejection off for every small service.
    /// </summary>
    public int MostEjected(int endpoints) =>
        endpoints < 2 ? 0 : Math.Max(1, (int)(Math.Clamp(MaxEjected, 0, 1) * endpoints));
}
