using Mesh.Policy.Language;
using Mesh.Policy.Validation;

namespace Mesh.Policy;

/// <summary>
/// Finds what is valid but lethal and not accepted by the document itself: see <see cref="DangerCodes"/>.
/// </summary>
public static class DangerChecks
{
    /// <summary>Totals below this are a danger: 50 ms, less than one garbage collection or lost packet costs.</summary>
    public static readonly TimeSpan TinyTotal = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// Limits of concurrency below this are a danger: 8, less than a few slow requests of one caller take up for good.
    /// </summary>
    public const int LowConcurrency = 8;

    /// <summary>
    /// Finds splits that send calls to a subset without endpoints, directly and after following <c>onEmpty</c>. Only
    /// who knows the catalog can ask; reading a document cannot.
    /// </summary>
    /// <param name="document">An accepted document, read strictly.</param>
    /// <param name="hasEndpoints">Whether the subset of that name selects any endpoint now.</param>
    /// <returns>One problem for each such share above 0 %; none when the document accepts the danger.</returns>
    public static IReadOnlyList<PolicyProblem> SplitTargets(TrafficDocument document, Func<string, bool> hasEndpoints)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(hasEndpoints);
        var problems = new List<PolicyProblem>();
        if (IsAccepted(document, DangerCodes.EmptySubset))
        {
            return problems;
        }

        for (var i = 0; i < document.Routes?.Count; i++)
        {
            foreach (var (subset, share) in document.Routes[i].Split ?? new Dictionary<string, Percentage>())
            {
                if (share.Parts > 0 && !Chain(subset, document).Any(hasEndpoints))
                {
                    var path = Pointer.Append(Pointer.Append(Pointer.Append("/routes", i), "split"), subset);
                    problems.Add(Danger(
                        path,
                        DangerCodes.EmptySubset,
                        $"{share} of the calls would go to subset \"{subset}\", which has no endpoint",
                        $"\"{share}\""));
                }
            }
        }

        return problems;
    }

    internal static void Check(TrafficDocument document, ReadContext context)
    {
        if (!IsAccepted(document, DangerCodes.TinyTimeout))
        {
            CheckTotal(document.Timeout, "", context);
            foreach (var route in document.Routes ?? [])
            {
                CheckTotal(route.Timeout, context.PlaceOf(route), context);
            }
        }

        if (!IsAccepted(document, DangerCodes.LowConcurrency) &&
            document.Inbound?.Concurrency is { IsOff: false, Value.Max: { } max } && max < LowConcurrency)
        {
            Refuse(
                context,
                "/inbound/concurrency/max",
                DangerCodes.LowConcurrency,
                $"At most {max} requests at a time would refuse most of the others",
                $"{max}",
                $"at least {LowConcurrency}");
        }
    }

    internal static void Check(SecurityDocument document, PolicyKey key, ReadContext context)
    {
        if (key.Scope == PolicyScope.Global && document.Accept?.Contains(DangerCodes.GlobalTls) != true)
        {
            if (document.Inbound?.Tls == InboundTls.Strict)
            {
                Refuse(
                    context, "/inbound/tls", DangerCodes.GlobalTls,
                    "Strict TLS for every service at once shuts out every caller that has no identity yet", "\"strict\"");
            }

            if (document.Outbound?.Tls == OutboundTls.Require)
            {
                Refuse(
                    context, "/outbound/tls", DangerCodes.GlobalTls,
                    "TLS required of everything that anybody calls shuts out every service that does not speak it yet",
                    "\"require\"");
            }
        }

        if (document.Inbound?.Authorization is { } rules && document.Accept?.Contains(DangerCodes.DenyAll) != true)
        {
            CheckDenyAll(rules, context);
        }
    }

    /// <summary>Nothing is allowed before everything is denied, by a rule or by the end of them.</summary>
    private static void CheckDenyAll(AuthorizationRules rules, ReadContext context)
    {
        const string what = "Nobody would be let in, because nothing is allowed before everything is denied";
        foreach (var rule in rules.Rules)
        {
            if (rule.Action == AuthorizationAction.Allow)
            {
                return;
            }

            if (!rule.Shadow && SecurityChecks.TakesAll(rule))
            {
                Refuse(context, context.PlaceOf(rule), DangerCodes.DenyAll, what, $"\"{rule.Name}\"");
                return;
            }
        }

        if (rules.Otherwise == AuthorizationAction.Deny)
        {
            Refuse(context, "/inbound/authorization/otherwise", DangerCodes.DenyAll, what, "\"deny\"");
        }
    }

    private static void CheckTotal(TimeoutSection? timeout, string path, ReadContext context)
    {
        if (timeout?.Total is { IsOff: false, Value: var total } && total < TinyTotal)
        {
            var text = Durations.Format(total);
            Refuse(
                context,
                path + "/timeout/total",
                DangerCodes.TinyTimeout,
                $"A total of {text} would fail most calls",
                $"\"{text}\"",
                $"at least {Durations.Format(TinyTotal)}");
        }
    }

    private static void Refuse(
        ReadContext context, string path, string code, string what, string value, string? bound = null)
    {
        var danger = Danger(path, code, what, value, bound);
        context.Refuse(danger.Path, danger.Code, danger.Message, danger.Value, danger.Bound);
    }

    private static PolicyProblem Danger(string path, string code, string what, string value, string? bound = null) =>
        new(path, code, $"{what}; if that is wanted, add \"accept\": [\"{code}\"] to the document.", value, bound);

    private static bool IsAccepted(TrafficDocument document, string code) => document.Accept?.Contains(code) == true;

    private static IEnumerable<string> Chain(string subset, TrafficDocument document)
    {
        var visited = new HashSet<string>(StringComparer.Ordinal);
        for (var name = subset; name is not null && visited.Add(name);)
        {
            yield return name;
            name = document.Subsets?.GetValueOrDefault(name)?.OnEmpty;
        }
    }
}
