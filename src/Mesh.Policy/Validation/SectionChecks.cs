using Mesh.Policy.Language;

namespace Mesh.Policy.Validation;

/// <summary>What must hold between the values of one section.</summary>
internal static class SectionChecks
{
    public static void Timeout(TimeoutSection section, string path, ReadContext context)
    {
        if (section.Total is not { IsOff: false, Value: var total })
        {
            return;
        }

        if (section.Attempt is { IsOff: false, Value: var attempt } && attempt > total)
        {
            Exceeds(context, path, "attempt", attempt, "total", total);
        }

        if (section.Connect is { } connect && connect > total)
        {
            Exceeds(context, path, "connect", connect, "total", total);
        }

        if (section.Connect is { } dial && section.Attempt is { IsOff: false, Value: var one } &&
            dial > one && one <= total)
        {
            Exceeds(context, path, "connect", dial, "attempt", one);
        }
    }

    public static void Backoff(BackoffSection section, string path, ReadContext context)
    {
        if (section.Base is { } first && section.Max is { } max && first > max)
        {
            Exceeds(context, path, "base", first, "max", max);
        }
    }

    public static void Eject(EjectSection section, string path, ReadContext context)
    {
        if (section.Base is { } first && section.Max is { } max && first > max)
        {
            Exceeds(context, path, "base", first, "max", max);
        }
    }

    public static void Concurrency(ConcurrencySection section, string path, ReadContext context)
    {
        if (section.Min is { } min && section.Max is { } max && min > max)
        {
            context.Refuse(
                Pointer.Append(path, "min"),
                ProblemCodes.Conflict,
                $"\"min\" ({min}) is larger than \"max\" ({max}).",
                $"{min}",
                $"at most {max}");
        }
    }

    public static void Rates(IReadOnlyList<RateRule> rates, ReadContext context)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var rate in rates)
        {
            if (!names.Add(rate.Name))
            {
                context.Refuse(
                    Pointer.Append(context.PlaceOf(rate), "name"),
                    ProblemCodes.DuplicateName,
                    $"There is already a rate \"{rate.Name}\"; names are unique.",
                    $"\"{rate.Name}\"");
            }
        }
    }

    public static void Route(RouteSection route, string path, ReadContext context)
    {
        if (route.Split is { Count: > 0 } split && split.Values.Sum(p => p.Parts) is var sum and not SplitRule.Whole)
        {
            context.Refuse(
                Pointer.Append(path, "split"),
                ProblemCodes.SplitSum,
                $"The shares of a split add up to 100%, not to {new Percentage(sum)}.",
                new Percentage(sum).ToString(),
                "100%");
        }
    }

    private static void Exceeds(
        ReadContext context, string path, string field, TimeSpan value, string other, TimeSpan bound) => context.Refuse(
        Pointer.Append(path, field),
        ProblemCodes.Conflict,
        $"\"{field}\" ({Durations.Format(value)}) is longer than \"{other}\" ({Durations.Format(bound)}).",
        $"\"{Durations.Format(value)}\"",
        $"at most {Durations.Format(bound)}");
}
