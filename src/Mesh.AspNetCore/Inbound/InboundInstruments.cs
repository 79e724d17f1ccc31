using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Telemetry;

namespace Mesh.AspNetCore.Inbound;

/// <summary>What the inbound half counts; each method costs one comparison while nobody listens.</summary>
internal sealed class InboundInstruments
{
    private const string Refuse = "refuse";
    private const string WouldRefuse = "would_refuse";
    private const string Ignore = "ignore";

    private readonly Counter<long> _decisions;

    public InboundInstruments(MeshInstruments instruments)
    {
        Meter = instruments.Meter;
        _decisions = Meter.CreateCounter<long>(
            MeshTelemetry.InboundDecisions, "{decision}", "Decisions that changed what became of a request.");
    }

    /// <summary>For observable instruments of those who own what is observed.</summary>
    public Meter Meter { get; }

    /// <summary>A request ended before the application saw it, or without its answer.</summary>
    /// <param name="reason">A word of <see cref="MeshReasons"/>.</param>
    /// <param name="rule">The rule that decided, where one did.</param>
    /// <param name="shadow">It would have, were the rule in force.</param>
    /// <param name="caller">Who called, out of a bounded set of names; where that decided.</param>
    public void Refused(string reason, string? rule = null, bool shadow = false, string? caller = null) =>
        Count(shadow ? WouldRefuse : Refuse, reason, rule, caller);

    /// <summary>A request was turned away for want of room.</summary>
    /// <param name="criticality">How much it mattered.</param>
    /// <param name="shadow">It would have been, were the limit in force.</param>
    public void Shed(MeshCriticality criticality, bool shadow)
    {
        if (_decisions.Enabled)
        {
            _decisions.Add(1, new TagList
            {
                { MeshTelemetry.DecisionTag, shadow ? WouldRefuse : Refuse },
                { MeshTelemetry.ReasonTag, MeshReasons.Overloaded },
                { MeshTelemetry.CriticalityTag, criticality.Word() },
            });
        }
    }

    /// <summary>What a request said for this hop was not heeded.</summary>
    /// <param name="reason">A word of <see cref="MeshReasons"/>.</param>
    public void Ignored(string reason) => Count(Ignore, reason, rule: null);

    private void Count(string decision, string reason, string? rule, string? caller = null)
    {
        MeshReasons.Check(reason);
        if (!_decisions.Enabled)
        {
            return;
        }

        var tags = new TagList { { MeshTelemetry.DecisionTag, decision }, { MeshTelemetry.ReasonTag, reason } };
        if (rule is not null)
        {
            tags.Add(MeshTelemetry.RuleTag, rule);
        }

        if (caller is not null)
        {
            tags.Add(MeshTelemetry.CallerTag, caller);
        }

        _decisions.Add(1, tags);
    }
}
