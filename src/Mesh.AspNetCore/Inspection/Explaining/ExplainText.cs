using System.Globalization;
using System.Text;
using Mesh.AspNetCore.Inspection.Views;

namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>An explanation as lines that can be read at three in the morning.</summary>
internal sealed class ExplainText
{
    private const int LabelWidth = 12;

    private readonly StringBuilder _text = new();

    private ExplainText()
    {
    }

    public static string Of(Explanation explanation)
    {
        var text = new ExplainText();
        text.Write(explanation);
        return text._text.ToString();
    }

    private void Write(Explanation explanation)
    {
        Add($"{explanation.Method} {explanation.Target}{(explanation.Grpc ? " (gRPC)" : "")}\n\n");
        var verdict = explanation.Meshed ? $"yes, as service {explanation.Service}" : "no";
        Line("meshed", $"{verdict}: {explanation.Because}");
        if (!explanation.Meshed)
        {
            Line("", "it goes to the client's own handler, untouched");
            return;
        }

        if (explanation.Unresolved is { } unresolved)
        {
            Line("note", unresolved);
        }

        WriteSources(explanation);
        if (explanation.Route is { } route)
        {
            WriteRoute(route);
            explanation.Targets.ToList().ForEach(WriteTarget);
            WriteTimeouts(explanation.Timeouts!);
            WriteRetry(explanation.Retry!);
            Line("limits", string.Join(", ", explanation.Limits.DefaultIfEmpty(explanation.LimitsNote)));
        }
    }

    private void WriteSources(Explanation explanation)
    {
        if (explanation.Discovery is { } discovery)
        {
            var result = discovery.Result is { } last ? $", last answer {last}" : "";
            var age = discovery.AgeSeconds > 0 ? $", not confirmed for {Figure(discovery.AgeSeconds)} s" : "";
            var held = discovery.Held > 0 ? $", {discovery.Held} kept though not listed ({discovery.Doubt})" : "";
            Line("endpoints", $"from {discovery.Source ?? "nobody yet"}{result}{age}{held}");
        }

        var heard = explanation.PolicySeconds is { } seconds ? $", heard {Figure(seconds)} s ago" : "";
        Line("policy", $"{explanation.PolicyRevision ?? "none yet"}, from {explanation.PolicySource}{heard}");
        Line("switches", explanation.Switches.Count > 0 ? Of(explanation.Switches[0]) : "none");
        foreach (var thrown in explanation.Switches.Skip(1))
        {
            Line("", Of(thrown));
        }
    }

    private static string Of(SwitchView thrown) => string.Join(
        ' ',
        new[]
        {
            string.Join(", ", thrown.What),
            $"({thrown.Source})",
            thrown.By is null ? null : $"by {thrown.By}",
            thrown.Until is { } until ? $"until {until.UtcDateTime:yyyy-MM-ddTHH:mm:ssZ}" : null,
            thrown.Why is null ? null : $"because: {thrown.Why}",
        }.Where(part => part is not null));

    private void WriteRoute(RouteStory route)
    {
        Line("route", route.Name);
        foreach (var skipped in route.Skipped)
        {
            Line("", $"not {skipped.Name}: {skipped.Because}");
        }
    }

    private void WriteTarget(TargetStory target)
    {
        var name = target.Subset.Length > 0 ? $"subset {target.Subset}" : "all endpoints";
        var standIn = target.StandIn is { } other
            ? $"; empty, so {(other.Length > 0 ? $"subset {other}" : "all endpoints")} stands in"
            : "";
        var panic = target.Panic ? "; PANIC: too few are fit, so unfit ones are used too" : "";
        Line("goes to", $"{name}, {target.Share} of the route's calls{standIn}{panic}");
        Line("", $"{target.Algorithm}: {target.Choice}");
        foreach (var candidate in target.Candidates)
        {
            Line("  candidate", Of(candidate, target.CostUnit));
        }

        Rest(target.CandidatesLeftOut, "candidates");
        foreach (var left in target.Out)
        {
            Line("  out", $"{left.Id} {left.Address} {left.State}: {left.Because}");
        }

        Rest(target.OutLeftOut, "that are out");
    }

    private static string Of(CandidateView candidate, string? unit)
    {
        var parts = new List<string> { $"{candidate.Id} {candidate.Address}" };
        if (candidate.State != "ready")
        {
            parts.Add(candidate.State);
        }

        parts.Add(candidate.Expected is { } expected ? $"TLS as {expected}" : candidate.Tls);
        if (candidate.Cost is { } cost)
        {
            parts.Add(unit == "s" ? $"cost {Figure(cost * 1000)} ms" : $"cost {Figure(cost)} {unit}");
        }

        parts.Add(candidate.LatencyMs is { } latency ? $"latency {Figure(latency)} ms" : "latency not known yet");
        if (candidate.PenaltyMs >= 1)
        {
            parts.Add($"penalty {Figure(candidate.PenaltyMs)} ms");
        }

        parts.Add($"{candidate.InFlight} in flight");
        if (candidate.Weight != 1)
        {
            parts.Add($"weight {Figure(candidate.Weight)}");
        }

        if (candidate.Chance is { } chance)
        {
            parts.Add($"chance {Figure(Math.Round(chance * 100, 1))} %");
        }

        return string.Join(", ", parts);
    }

    private void WriteTimeouts(TimeoutStory timeouts)
    {
        var callers = timeouts.TotalIsCallers ? " (the application's own)" : "";
        Line(
            "timeouts",
            $"call {Limit(timeouts.TotalMs)}{callers}, attempt {Limit(timeouts.AttemptMs)}, connect " +
            $"{Limit(timeouts.ConnectMs)}, TLS {Limit(timeouts.HandshakeMs)}, idle body {Limit(timeouts.IdleMs)}");
    }

    private void WriteRetry(RetryStory retry)
    {
        Line("retry", $"up to {retry.MaxAttempts} attempt{(retry.MaxAttempts == 1 ? "" : "s")}; {retry.Because}");
        foreach (var failure in retry.Failures)
        {
            Line("", $"{failure.Failure}: {(failure.Again ? "again, " : "no: ")}{failure.Because}");
        }

        Line(
            "budget",
            $"{Figure(retry.BudgetLeft)} retries left ({retry.BudgetRule}); {retry.Running} of {retry.RunningLimit} " +
            "retries run in the process");
    }

    private static string Limit(double? milliseconds) =>
        milliseconds is { } known ? Sentences.Span(TimeSpan.FromMilliseconds(known)) : "no limit";

    private static string Figure(double value) => value.ToString("0.###", CultureInfo.InvariantCulture);

    private void Rest(int count, string what)
    {
        if (count > 0)
        {
            Line("", $"... and {count} more {what}");
        }
    }

    private void Line(string label, string text) => Add($"{label.PadRight(LabelWidth)} {text}\n");

    private void Add(string text) => _text.Append(text);
}
