using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>A timeout rule compiled.</summary>
internal sealed class TimeoutPlan
{
    private readonly TimeSpan? _attempt;

    public TimeoutPlan(TimeoutRule rule, bool switchedOff)
    {
        Rule = rule;
        if (!switchedOff)
        {
            Total = rule.Total;
            Idle = rule.Idle;
            _attempt = rule.Attempt;
            LimitsAttempts = true;
        }
    }

    /// <summary>The rule this was compiled from.</summary>
    public TimeoutRule Rule { get; }

    /// <summary>From the start of the call to its response headers; <see langword="null"/> means no limit.</summary>
    public TimeSpan? Total { get; }

    /// <summary>Longest pause between two reads of a response body; <see langword="null"/> means no limit.</summary>
    public TimeSpan? Idle { get; }

    /// <summary>False while a switch has the mesh's deadlines off: an attempt then takes as long as it takes.</summary>
    public bool LimitsAttempts { get; }

    /// <summary>
    /// How long one attempt may take when another could follow it: what the rule says, else a third of the call's
    /// <paramref name="total"/>, at most <see cref="PolicyDefaults.AttemptCap"/>.
    /// </summary>
    public TimeSpan Attempt(TimeSpan? total)
    {
        if (_attempt is { } attempt)
        {
            return attempt;
        }

        return total is { } whole && whole / 3 < PolicyDefaults.AttemptCap ? whole / 3 : PolicyDefaults.AttemptCap;
    }
}
