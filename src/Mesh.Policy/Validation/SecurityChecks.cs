using Mesh.Policy.Language;

namespace Mesh.Policy.Validation;

/// <summary>What must hold within a security document.</summary>
internal static class SecurityChecks
{
    /// <summary>A shadow is the trial of a denial; an allowance on trial would allow nothing.</summary>
    public static void Rule(AuthorizationRule rule, string path, ReadContext context)
    {
        if (rule is { Shadow: true, Action: AuthorizationAction.Allow })
        {
            context.Refuse(
                Pointer.Append(path, "shadow"),
                ProblemCodes.Conflict,
                "Only a denial can be tried in shadow: a rule that allows has nothing to count. Leave \"shadow\" out, or deny.",
                "true",
                "\"action\": \"deny\"");
        }
    }

    /// <summary>Names are unique, and every rule can be reached.</summary>
    public static void Rules(AuthorizationRules rules, string path, ReadContext context)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        string? catchAll = null;
        foreach (var rule in rules.Rules)
        {
            var here = context.PlaceOf(rule);
            if (!names.Add(rule.Name))
            {
                context.Refuse(
                    Pointer.Append(here, "name"),
                    ProblemCodes.DuplicateName,
                    $"There is already a rule \"{rule.Name}\"; names are unique.",
                    $"\"{rule.Name}\"");
            }

            if (catchAll is not null)
            {
                context.Refuse(
                    here,
                    ProblemCodes.Unreachable,
                    $"No request can reach rule \"{rule.Name}\": rule \"{catchAll}\" before it takes every request. " +
                    "Put that one last, or say it with \"otherwise\".",
                    $"\"{rule.Name}\"");
            }
            else if (TakesAll(rule) && !rule.Shadow)
            {
                catchAll = rule.Name;
            }
        }
    }

    /// <summary>What is locked must be said.</summary>
    public static void Check(SecurityDocument document, ReadContext context)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < document.Locked?.Count; i++)
        {
            var (path, here) = (document.Locked[i], Pointer.Append("/locked", i));
            if (!seen.Add(path))
            {
                context.Refuse(
                    here, ProblemCodes.DuplicateName, $"\"{path}\" is locked twice; keep one.", $"\"{path}\"");
            }
            else if (!IsSaid(document, path))
            {
                context.Refuse(
                    here,
                    ProblemCodes.Conflict,
                    $"\"{path}\" is locked, but the document does not say it; say it, or do not lock it.",
                    $"\"{path}\"");
            }
        }
    }

    /// <summary>True when a rule takes every request of everybody.</summary>
    public static bool TakesAll(AuthorizationRule rule) =>
        rule is { Callers: null, GrpcMethods: null, Claims: null } && MatchLanguage.TakesAll(rule.Match);

    private static bool IsSaid(SecurityDocument document, string path) => path switch
    {
        SecurityLocks.InboundTls => document.Inbound?.Tls is not null,
        SecurityLocks.Intentions => document.Inbound?.Intentions is not null,
        SecurityLocks.Authorization => document.Inbound?.Authorization is not null,
        _ => document.Outbound?.Tls is not null,
    };
}
