using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>A retry rule compiled: what a call asks is answered by a bit, not by a search.</summary>
internal sealed class RetryPlan
{
    private readonly ulong[] _statusCodes = new ulong[10];
    private readonly uint _grpcStatuses;

    public RetryPlan(RetryRule rule, bool switchedOff)
    {
        Rule = rule;
        Enabled = rule.Enabled && !switchedOff;
        MaxAttempts = Enabled ? rule.MaxAttempts : 1;
        foreach (var code in rule.StatusCodes)
        {
            if (code is >= 0 and < 640)
            {
                _statusCodes[code >> 6] |= 1UL << (code & 63);
            }
        }

        foreach (var status in rule.GrpcStatuses)
        {
            if (status is >= 0 and < 32)
            {
                _grpcStatuses |= 1U << status;
            }
        }
    }

    /// <summary>The rule this was compiled from.</summary>
    public RetryRule Rule { get; }

    /// <summary>False: one attempt, whatever becomes of it.</summary>
    public bool Enabled { get; }

    /// <summary>Attempts in all, the first included.</summary>
    public int MaxAttempts { get; }

    /// <summary>True when the rule names one of these failures.</summary>
    public bool Names(RetryConditions condition) => Enabled && (Rule.Conditions & condition) != 0;

    /// <summary>True when the rule names this HTTP status.</summary>
    public bool NamesStatus(int code) =>
        Enabled && code is >= 0 and < 640 && (_statusCodes[code >> 6] & (1UL << (code & 63))) != 0;

    /// <summary>True when the rule names this gRPC status.</summary>
    public bool NamesGrpcStatus(int status) =>
        Enabled && status is >= 0 and < 32 && (_grpcStatuses & (1U << status)) != 0;
}
