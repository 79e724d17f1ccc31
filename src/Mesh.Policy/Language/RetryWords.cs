using System.Globalization;

namespace Mesh.Policy.Language;

/// <summary>The words of <c>retry.on</c> and what they stand for in a <see cref="RetryRule"/>.</summary>
internal static class RetryWords
{
    public const string GrpcPrefix = "grpc:";

    private static readonly (string Word, RetryConditions Condition)[] Conditions =
    [
        ("connect", RetryConditions.Connect),
        ("refused", RetryConditions.Refused),
        ("reset", RetryConditions.Reset),
    ];

    /// <summary>
    /// 408, 425 and 429 say "try again"; of the others only the server's own failures can get better.
    /// </summary>
    private static readonly int[] ClientStatuses = [408, 425, 429];

    public static IEnumerable<string> ConditionWords => Conditions.Select(c => c.Word);

    /// <summary>Words for suggestions: not all 103, but those that are mistyped.</summary>
    public static IEnumerable<string> Known =>
        ConditionWords.Concat(GrpcStatuses.Failures.Select(n => GrpcPrefix + n));

    public static bool IsKnown(string word) =>
        ConditionOf(word) != RetryConditions.None || StatusOf(word) > 0 || GrpcOf(word) > 0;

    public static RetryConditions ConditionOf(string word) => Conditions.FirstOrDefault(c => c.Word == word).Condition;

    /// <summary>The HTTP status of a word of three digits; 0 when it is none that may be retried.</summary>
    public static int StatusOf(string word) =>
        word.Length == 3 && int.TryParse(word, NumberStyles.None, CultureInfo.InvariantCulture, out var status) &&
        (status is >= 500 and <= 599 || ClientStatuses.Contains(status))
            ? status
            : 0;

    /// <summary>The gRPC status of <c>grpc:NAME</c>; 0 when it is none.</summary>
    public static int GrpcOf(string word) =>
        word.StartsWith(GrpcPrefix, StringComparison.Ordinal)
            ? Math.Max(0, GrpcStatuses.NumberOf(word[GrpcPrefix.Length..]))
            : 0;

    /// <summary>The words a rule stands for, in canonical order.</summary>
    public static IReadOnlyList<string> Of(RetryRule rule) =>
    [
        .. Conditions.Where(c => (rule.Conditions & c.Condition) != 0).Select(c => c.Word),
        .. rule.StatusCodes.Select(s => s.ToString(CultureInfo.InvariantCulture)),
        .. rule.GrpcStatuses.Select(s => GrpcPrefix + GrpcStatuses.NameOf(s)),
    ];
}
