using Mesh.Client.Balancing;
using Mesh.Client.Outliers;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>What holds for an upstream: the policy, what switches take from it, and what follows for its endpoints. Immutable.</summary>
internal sealed class PolicyInForce
{
    // Simple and predictable while somebody looks for what is wrong.
    private static readonly BalanceRule BypassBalance = PolicyDefaults.Balance with
    {
        Algorithm = LoadBalancerRegistry.RoundRobin,
        SlowStart = TimeSpan.Zero,
    };

    public PolicyInForce(EffectivePolicy policy, string revision, SwitchState switches)
    {
        Policy = policy;
        Revision = revision;
        Switches = switches;
        var balance = switches.Bypass ? BypassBalance
            : switches.IsOff(Mechanisms.Balance) ? BypassBalance with { PanicBelow = policy.Balance.PanicBelow }
            : policy.Balance;
        Balance = new BalancePlan(balance.Algorithm, balance.SlowStart, balance.PanicBelow);
        Outlier = new OutlierPlan(policy.Outlier, switches.IsOff(Mechanisms.Eject));
    }

    public EffectivePolicy Policy { get; }

    public string Revision { get; }

    public SwitchState Switches { get; }

    public BalancePlan Balance { get; }

    public OutlierPlan Outlier { get; }
}
