namespace Mesh.Policy.Language;

/// <summary>The words of security documents, the loosest first.</summary>
internal static class SecurityWords
{
    public static (string Word, InboundTls Value)[] InboundTls { get; } =
    [
        ("off", Policy.InboundTls.Off),
        ("permissive", Policy.InboundTls.Permissive),
        ("strict", Policy.InboundTls.Strict),
    ];

    public static (string Word, RuleMode Value)[] Intentions { get; } =
        [("shadow", RuleMode.Shadow), ("enforce", RuleMode.Enforce)];

    public static (string Word, OutboundTls Value)[] OutboundTls { get; } =
        [("auto", Policy.OutboundTls.Auto), ("require", Policy.OutboundTls.Require)];

    public static (string Word, AuthorizationAction Value)[] Actions { get; } =
        [("allow", AuthorizationAction.Allow), ("deny", AuthorizationAction.Deny)];

    public static string Of<T>((string Word, T Value)[] words, T value)
        where T : struct, Enum => words.First(w => w.Value.Equals(value)).Word;
}
