using Mesh.Policy.Language;

namespace Mesh.Policy;

/// <summary>
/// What <c>locked</c> of <c>security/global</c> makes a minimum: a service may tighten it, and nothing can loosen it.
/// </summary>
public static class SecurityLocks
{
    /// <summary><c>off</c> &lt; <c>permissive</c> &lt; <c>strict</c>.</summary>
    public const string InboundTls = "inbound.tls";

    /// <summary><c>shadow</c> &lt; <c>enforce</c>.</summary>
    public const string Intentions = "inbound.intentions";

    /// <summary>The global rules are asked first, and what they deny is denied.</summary>
    public const string Authorization = "inbound.authorization";

    /// <summary><c>auto</c> &lt; <c>require</c>.</summary>
    public const string OutboundTls = "outbound.tls";

    /// <summary>Everything that can be locked.</summary>
    public static IReadOnlyList<string> Paths { get; } = [InboundTls, Intentions, Authorization, OutboundTls];

    /// <summary>
    /// Finds where the document of a service says less than a locked minimum. In force the minimum wins in any case
    /// (<see cref="SecurityMerger"/>); an author is told before.
    /// </summary>
    /// <param name="global">The document <c>security/global</c> in force, if there is one.</param>
    /// <param name="service">The document of a service.</param>
    /// <returns>One problem for each value that would have no effect.</returns>
    public static IReadOnlyList<PolicyProblem> FindLoosened(SecurityDocument? global, SecurityDocument service)
    {
        ArgumentNullException.ThrowIfNull(service);
        var problems = new List<PolicyProblem>();
        if (global is not null)
        {
            Compare(global, InboundTls, global.Inbound?.Tls, service.Inbound?.Tls, SecurityWords.InboundTls, problems);
            Compare(
                global, Intentions, global.Inbound?.Intentions, service.Inbound?.Intentions, SecurityWords.Intentions,
                problems);
            Compare(
                global, OutboundTls, global.Outbound?.Tls, service.Outbound?.Tls, SecurityWords.OutboundTls, problems);
        }

        return problems;
    }

    private static void Compare<T>(
        SecurityDocument global, string path, T? least, T? said, (string Word, T Value)[] words,
        List<PolicyProblem> problems)
        where T : struct, Enum
    {
        if (!global.Locks(path) || least is not { } minimum || said is not { } value ||
            Comparer<T>.Default.Compare(value, minimum) >= 0)
        {
            return;
        }

        var allowed = words.Where(w => Comparer<T>.Default.Compare(w.Value, minimum) >= 0)
            .Select(w => $"\"{w.Word}\"").ToArray();
        problems.Add(new PolicyProblem(
            "/" + path.Replace('.', '/'),
            ProblemCodes.Locked,
            $"{PolicyKey.GlobalSecurity} locks \"{path}\" at \"{SecurityWords.Of(words, minimum)}\"; a service may only " +
            $"tighten it. Say {Wording.Or(allowed)}, or leave it out.",
            $"\"{SecurityWords.Of(words, value)}\"",
            Wording.Or(allowed)));
    }
}
