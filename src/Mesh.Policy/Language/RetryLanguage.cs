using System.Globalization;
using Mesh.Policy.Language.Shapes;
using Mesh.Policy.Validation;

namespace Mesh.Policy.Language;

/// <summary>The section <c>retry</c>, of a document and of a route.</summary>
internal static class RetryLanguage
{
    private const string IdempotentSummary =
        "\"with-key\": calls that carry an Idempotency-Key header are retried like idempotent ones.";

    private const string BudgetSummary = "How many retries there may be in all, on all routes together.";

    private static readonly ObjectShape<BackoffSection> Backoff =
        new ObjectShape<BackoffSection>(() => new BackoffSection(), SectionChecks.Backoff)
            .With(
                "base",
                Bounds.Backoff,
                "First pause; the n-th is drawn evenly from 0 to base * 2^n.",
                s => s.Base,
                (s, v) => s with { Base = v },
                Durations.Format(PolicyDefaults.Retry.BackoffBase))
            .With(
                "max",
                Bounds.Backoff,
                "Longest pause.",
                s => s.Max,
                (s, v) => s with { Max = v },
                Durations.Format(PolicyDefaults.Retry.BackoffMax));

    private static readonly ObjectShape<BudgetSection> Budget =
        new ObjectShape<BudgetSection>(() => new BudgetSection())
            .With(
                "ratio",
                Bounds.Ratio,
                "Retries allowed per call made, per process and upstream.",
                s => s.Ratio,
                (s, v) => s with { Ratio = v },
                new Percentage((int)(PolicyDefaults.Retry.BudgetRatio * SplitRule.Whole)).ToString())
            .With(
                "floor",
                Bounds.Floor,
                "Retries allowed in any case, and the window over which the ratio counts.",
                s => s.Floor,
                (s, v) => s with { Floor = v },
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{PolicyDefaults.Retry.BudgetFloor} per {Durations.Format(PolicyDefaults.Retry.BudgetWindow)}"));

    public static OffShape<RetrySection> OfDocument { get; } = new(OfDocumentFields());

    public static OffShape<RetrySection> OfRoute { get; } = new(OfRouteFields());

    private static ObjectShape<RetrySection> OfDocumentFields() => Common()
        .With("budget", Budget, BudgetSummary, s => s.Budget, (s, v) => s with { Budget = v })
        .Elsewhere(
            "idempotent",
            IdempotentSummary,
            "It is a promise about single calls; set it in the retry section of a route.");

    private static ObjectShape<RetrySection> OfRouteFields() => Common()
        .With(
            "idempotent",
            new WordShape<bool>(("with-key", true), ("off", false)),
            IdempotentSummary,
            s => s.IdempotentWithKey,
            (s, v) => s with { IdempotentWithKey = v },
            "off")
        .Elsewhere(
            "budget",
            BudgetSummary,
            "All routes of a service share one budget; set it in the document's own retry section.");

    private static ObjectShape<RetrySection> Common() =>
        new ObjectShape<RetrySection>(() => new RetrySection())
            .With(
                "maxAttempts",
                Bounds.Attempts,
                "Attempts in all, the first included.",
                s => s.MaxAttempts,
                (s, v) => s with { MaxAttempts = v },
                PolicyDefaults.Retry.MaxAttempts.ToString(CultureInfo.InvariantCulture))
            .With(
                "on",
                new ListShape<string>(new RetryOnShape(), 1, 32),
                "The failures that are retried, when that is safe; replaces the inherited list.",
                s => s.On,
                (s, v) => s with { On = v },
                string.Join(", ", RetryWords.Of(PolicyDefaults.Retry)))
            .With("backoff", Backoff, "Pauses with full jitter.", s => s.Backoff, (s, v) => s with { Backoff = v });
}
