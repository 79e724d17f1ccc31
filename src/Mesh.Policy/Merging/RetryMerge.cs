using Mesh.Policy.Language;

namespace Mesh.Policy.Merging;

/// <summary>Lays a section <c>retry</c> over a rule. Writing the section turns retries on again.</summary>
internal static class RetryMerge
{
    private const string Enabled = "/retry/enabled";
    private const string On = "/retry/on";

    public static IReadOnlyList<string> Paths { get; } =
    [
        Enabled, "/retry/maxAttempts", On, "/retry/backoff/base", "/retry/backoff/max", "/retry/budget/ratio",
        "/retry/budget/floor", "/retry/idempotent",
    ];

    public static RetryRule Apply(RetryRule below, Setting<RetrySection>? setting, Layer layer)
    {
        if (setting is not { } retry)
        {
            return below;
        }

        var enabled = layer.Value<bool>(Enabled, !retry.IsOff, below.Enabled);
        below = below with { Enabled = enabled };
        return retry.IsOff ? below : Apply(below, retry.Value, layer);
    }

    private static RetryRule Apply(RetryRule below, RetrySection section, Layer layer)
    {
        var on = layer.Reference(On, section.On, RetryWords.Of(below));
        var (first, longest) = layer.Range(
            "/retry/backoff", section.Backoff?.Base, section.Backoff?.Max, (below.BackoffBase, below.BackoffMax));
        var floor = layer.Value(
            "/retry/budget/floor", section.Budget?.Floor, new BudgetFloor(below.BudgetFloor, below.BudgetWindow));
        return below with
        {
            MaxAttempts = layer.Value("/retry/maxAttempts", section.MaxAttempts, below.MaxAttempts),
            Conditions = on.Aggregate(RetryConditions.None, (all, word) => all | RetryWords.ConditionOf(word)),
            StatusCodes = [.. on.Select(RetryWords.StatusOf).Where(s => s > 0).Distinct()],
            GrpcStatuses = [.. on.Select(RetryWords.GrpcOf).Where(s => s > 0).Distinct()],
            BackoffBase = first,
            BackoffMax = longest,
            BudgetRatio = layer.Value("/retry/budget/ratio", section.Budget?.Ratio?.Ratio, below.BudgetRatio),
            BudgetFloor = floor.Count,
            BudgetWindow = floor.Window,
            IdempotentWithKey = layer.Value("/retry/idempotent", section.IdempotentWithKey, below.IdempotentWithKey),
        };
    }
}
