using System.Globalization;
using System.Text.Json;

namespace Mesh.Policy.Language;

/// <summary>Prints a policy that is in force, with every value and its origin.</summary>
internal static class EffectivePrinter
{
    private const string Off = "off";

    public static void Write(Utf8JsonWriter writer, EffectivePolicy policy)
    {
        writer.WriteStartObject();
        writer.WriteString("service", policy.Service);
        WriteBalance(writer, policy.Balance);
        WriteOutlier(writer, policy.Outlier);
        writer.WritePropertyName("transport");
        InboundLanguage.Transport.Write(writer, new TransportSection { Protocol = policy.Protocol });
        writer.WritePropertyName("subsets");
        EndpointLanguage.Subsets.Write(writer, policy.Subsets.ToDictionary(
            s => s.Key, s => new SubsetSection { Meta = s.Value.Meta, OnEmpty = s.Value.OnEmpty }));
        writer.WriteStartArray("routes");
        foreach (var route in policy.Routes)
        {
            WriteRoute(writer, route);
        }

        writer.WriteEndArray();
        WriteOrigins(writer, policy.Origins);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, InboundPolicy policy)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("inbound");
        InboundLanguage.Inbound.Write(writer, new InboundSection
        {
            Rate = policy.Rates.Count == 0
                ? Setting<IReadOnlyList<RateRule>>.Off
                : Setting<IReadOnlyList<RateRule>>.On(policy.Rates),
            Concurrency = policy.Concurrency is { } limit
                ? new ConcurrencySection
                {
                    Adaptive = limit.Adaptive, Min = limit.Min, Max = limit.Max, Shadow = limit.Shadow,
                }
                : Setting<ConcurrencySection>.Off,
        });
        WriteOrigins(writer, policy.Origins);
        writer.WriteEndObject();
    }

    public static void Write(Utf8JsonWriter writer, SecurityPolicy policy)
    {
        writer.WriteStartObject();
        writer.WriteString("service", policy.Service);
        writer.WriteStartObject("inbound");
        writer.WriteString("tls", SecurityWords.Of(SecurityWords.InboundTls, policy.InboundTls));
        writer.WriteString("intentions", SecurityWords.Of(SecurityWords.Intentions, policy.Intentions));
        if (policy.LockedAuthorization is not null)
        {
            WriteRules(writer, "lockedAuthorization", policy.LockedAuthorization);
        }

        WriteRules(writer, "authorization", policy.Authorization);
        writer.WriteEndObject();
        writer.WriteStartObject("outbound");
        writer.WriteString("tls", SecurityWords.Of(SecurityWords.OutboundTls, policy.OutboundTls));
        writer.WriteStartArray("plaintext");
        foreach (var service in policy.OutboundPlaintext)
        {
            writer.WriteStringValue(service);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        WriteOrigins(writer, policy.Origins);
        writer.WriteEndObject();
    }

    /// <summary>What allows everything is shown as that.</summary>
    private static void WriteRules(Utf8JsonWriter writer, string name, AuthorizationRules? rules)
    {
        writer.WritePropertyName(name);
        SecurityLanguage.Authorization.Write(
            writer, rules ?? new AuthorizationRules { Rules = [], Otherwise = AuthorizationAction.Allow });
    }

    private static void WriteOrigins(Utf8JsonWriter writer, IReadOnlyDictionary<string, string> origins)
    {
        writer.WriteStartObject("origins");
        foreach (var (path, origin) in origins)
        {
            writer.WriteString(path, origin);
        }

        writer.WriteEndObject();
    }

    private static void WriteRoute(Utf8JsonWriter writer, RouteRule route)
    {
        writer.WriteStartObject();
        writer.WriteString("name", route.Name);
        writer.WritePropertyName("match");
        MatchLanguage.OfTraffic.Write(writer, route.Match ?? new MatchRule());
        writer.WriteStartObject("split");
        foreach (var split in route.Split)
        {
            writer.WriteString(split.Subset, new Percentage(split.Parts).ToString());
        }

        writer.WriteEndObject();
        WriteTimeout(writer, route.Timeout);
        WriteRetry(writer, route.Retry);
        writer.WriteEndObject();
    }

    private static void WriteTimeout(Utf8JsonWriter writer, TimeoutRule rule)
    {
        writer.WriteStartObject("timeout");
        writer.WriteString("total", Limit(rule.Total, Off));
        writer.WriteString("attempt", Limit(rule.Attempt, "auto"));
        writer.WriteString("connect", Durations.Format(rule.Connect));
        writer.WriteString("handshake", Durations.Format(rule.Handshake));
        writer.WriteString("idle", Limit(rule.Idle, Off));
        writer.WriteEndObject();
    }

    private static void WriteRetry(Utf8JsonWriter writer, RetryRule rule)
    {
        writer.WriteStartObject("retry");
        writer.WriteBoolean("enabled", rule.Enabled);
        writer.WriteNumber("maxAttempts", rule.MaxAttempts);
        writer.WriteStartArray("on");
        foreach (var word in RetryWords.Of(rule))
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
        WriteRange(writer, "backoff", rule.BackoffBase, rule.BackoffMax);
        writer.WriteStartObject("budget");
        writer.WriteString("ratio", Share(rule.BudgetRatio));
        writer.WriteString(
            "floor",
            string.Create(
                CultureInfo.InvariantCulture, $"{rule.BudgetFloor} per {Durations.Format(rule.BudgetWindow)}"));
        writer.WriteEndObject();
        writer.WriteString("idempotent", rule.IdempotentWithKey ? "with-key" : Off);
        writer.WriteEndObject();
    }

    private static void WriteBalance(Utf8JsonWriter writer, BalanceRule rule)
    {
        writer.WriteStartObject("balance");
        writer.WriteString("algorithm", rule.Algorithm);
        writer.WriteString("slowStart", rule.SlowStart == TimeSpan.Zero ? Off : Durations.Format(rule.SlowStart));
        writer.WriteString("panicBelow", rule.PanicBelow == 0 ? Off : Share(rule.PanicBelow));
        writer.WriteEndObject();
    }

    private static void WriteOutlier(Utf8JsonWriter writer, OutlierRule rule)
    {
        writer.WriteStartObject("outlier");
        writer.WriteBoolean("enabled", rule.Enabled);
        writer.WriteNumber("consecutive", rule.Consecutive);
        writer.WriteNumber("connectFailures", rule.ConnectFailures);
        WriteRange(writer, "eject", rule.EjectBase, rule.EjectMax);
        writer.WriteString("maxEjected", Share(rule.MaxEjected));
        writer.WriteEndObject();
    }

    private static void WriteRange(Utf8JsonWriter writer, string name, TimeSpan first, TimeSpan longest)
    {
        writer.WriteStartObject(name);
        writer.WriteString("base", Durations.Format(first));
        writer.WriteString("max", Durations.Format(longest));
        writer.WriteEndObject();
    }

    private static string Limit(TimeSpan? limit, string none) => limit is { } value ? Durations.Format(value) : none;

    private static string Share(double ratio) => new Percentage((int)Math.Round(ratio * SplitRule.Whole)).ToString();
}
