using Mesh.AspNetCore.Inbound;
using Mesh.Client.Policies;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// The limits of <c>inbound</c> in force, compiled. A change of the policy keeps what did not change: buckets stay as full
/// as they are, and what the limiter has learnt is not learnt anew.
/// </summary>
internal sealed class InboundLimits : IDisposable
{
    private readonly OwnPolicy _policy;
    private readonly TimeProvider _time;

    // Guards the replacing of what is below, which is read without it: a change builds on the one before. Nothing is called
    // under it that could wait.
    private readonly Lock _gate = new();
    private volatile RatePlan[] _rates = [];

    public InboundLimits(OwnPolicy policy, TimeProvider time)
    {
        (_policy, _time) = (policy, time);
        policy.Changed += Apply;
        Apply();
    }

    /// <summary>The rules of <c>inbound.rate</c>, in order.</summary>
    public RatePlan[] Rates => _rates;

    public void Dispose() => _policy.Changed -= Apply;

    private void Apply()
    {
        lock (_gate)
        {
            var before = _rates;
            _rates = [.. _policy.Inbound.Rates.Select(rule =>
                new RatePlan(rule, Array.Find(before, b => b.Rule.Name == rule.Name), _time))];
        }
    }
}
