using Mesh.Policy.Language.Shapes;
using Mesh.Policy.Validation;

namespace Mesh.Policy.Language;

/// <summary>
/// The table of the language of security documents: every field once. Unlike traffic, nobody ever reads it tolerantly: a
/// door that leaves out what it does not understand stands open.
/// </summary>
internal static class SecurityLanguage
{
    private const string LockedSummary =
        "What is a minimum here: services can only tighten it. Locked rules are asked before those of the service, and " +
        "both must allow.";

    private static readonly ObjectShape<AuthorizationRule> Rule =
        new ObjectShape<AuthorizationRule>(
            () => new AuthorizationRule { Name = "", Action = AuthorizationAction.Deny }, SecurityChecks.Rule)
            .Named(
                "rule",
                "Unique in the document; appears in metrics, logs and answers of the desk.",
                r => r.Name,
                (r, v) => r with { Name = v })
            .With(
                "action",
                new WordShape<AuthorizationAction>(SecurityWords.Actions),
                "What happens to a request that the rule takes.",
                r => r.Action,
                (r, v) => r with { Action = v },
                required: true)
            .With(
                "shadow",
                new FlagShape(),
                "A denial is only counted, and the next rules are asked.",
                r => r.Shadow ? true : null,
                (r, v) => r with { Shadow = v },
                "false")
            .With(
                "callers",
                new ListShape<string>(new CallerShape(), 1, PolicyLimits.Callers, singleAllowed: true),
                "The caller's verified identity is one of these; \"*\" is any verified identity.",
                r => r.Callers,
                (r, v) => r with { Callers = v },
                "everybody, also callers without an identity")
            .With(
                "match",
                MatchLanguage.OfSecurity,
                "Which requests the rule takes: all parts must hold.",
                r => r.Match,
                (r, v) => r with { Match = v },
                "all requests")
            .With(
                "grpc",
                new ListShape<string>(
                    new TextShape("a gRPC method", 512, TextRule.GrpcMethod),
                    1,
                    PolicyLimits.Callers,
                    singleAllowed: true),
                "The gRPC method is one of these; \"/*\" at the end takes all methods of a service.",
                r => r.GrpcMethods,
                (r, v) => r with { GrpcMethods = v },
                "all requests")
            .With(
                "claims",
                new MapShape<IReadOnlyList<string>>(
                    "a claim's name",
                    null,
                    256,
                    new ListShape<string>(new TextShape("a claim's value", 1024), 1, 32, singleAllowed: true),
                    1,
                    MatchLanguage.Conditions),
                "The end user, as the application's own authentication established it, has all of these, each with any of " +
                "its values.",
                r => r.Claims,
                (r, v) => r with { Claims = v });

    public static ObjectShape<AuthorizationRules> Authorization { get; } =
        new ObjectShape<AuthorizationRules>(
            () => new AuthorizationRules { Rules = [], Otherwise = AuthorizationAction.Deny }, SecurityChecks.Rules)
            .With(
                "rules",
                new ListShape<AuthorizationRule>(Rule, 1, PolicyLimits.Rules, keepsRest: true),
                "In order; the first that takes a request decides.",
                a => a.Rules.Count == 0 ? null : a.Rules,
                (a, v) => a with { Rules = v })
            .With(
                "otherwise",
                new WordShape<AuthorizationAction>(SecurityWords.Actions),
                "What happens to a request that no rule takes.",
                a => a.Otherwise,
                (a, v) => a with { Otherwise = v },
                required: true);

    private static readonly ObjectShape<SecurityInboundSection> Inbound =
        new ObjectShape<SecurityInboundSection>(() => new SecurityInboundSection())
            .With(
                "tls",
                new WordShape<InboundTls>(SecurityWords.InboundTls),
                "What a connection must bring: nothing (plaintext only), TLS or plaintext, TLS with a verified identity.",
                s => s.Tls,
                (s, v) => s with { Tls = v },
                "permissive")
            .With(
                "intentions",
                new WordShape<RuleMode>(SecurityWords.Intentions),
                "Whether the verdict for callers that no intention names is counted or acts.",
                s => s.Intentions,
                (s, v) => s with { Intentions = v },
                "shadow")
            .With(
                "authorization",
                Authorization,
                "Who may ask for what; replaces an inherited one as a whole.",
                s => s.Authorization,
                (s, v) => s with { Authorization = v },
                "everybody for everything");

    private static readonly ObjectShape<SecurityOutboundSection> Outbound =
        new ObjectShape<SecurityOutboundSection>(() => new SecurityOutboundSection())
            .With(
                "tls",
                new WordShape<OutboundTls>(SecurityWords.OutboundTls),
                "What the service's own calls demand: TLS where it is spoken, or nothing else.",
                s => s.Tls,
                (s, v) => s with { Tls = v },
                "auto")
            .With(
                "plaintext",
                new ListShape<string>(
                    new TextShape("a service", Names.MaxLength, TextRule.Service),
                    1,
                    PolicyLimits.Callers,
                    singleAllowed: true),
                "Services that may be called in plaintext although they were seen with TLS before, which is forgotten.",
                s => s.Plaintext,
                (s, v) => s with { Plaintext = v },
                "none");

    /// <summary>The document <c>security/global</c>.</summary>
    public static ObjectShape<SecurityDocument> OfGlobal { get; } = Sections()
        .With(
            "locked",
            new ListShape<string>(
                new WordShape<string>([.. SecurityLocks.Paths.Select(p => (p, p))]), 1, SecurityLocks.Paths.Count),
            LockedSummary,
            d => d.Locked,
            (d, v) => d with { Locked = v });

    /// <summary>Documents under <c>security/services/</c>.</summary>
    public static ObjectShape<SecurityDocument> OfService { get; } = Sections()
        .Elsewhere("locked", LockedSummary, "Only security/global can lock what services say.");

    /// <summary>The shape of the document with that key.</summary>
    public static ObjectShape<SecurityDocument> Of(PolicyKey key) =>
        key.Scope == PolicyScope.Global ? OfGlobal : OfService;

    private static ObjectShape<SecurityDocument> Sections() =>
        new ObjectShape<SecurityDocument>(() => new SecurityDocument())
            .Head()
            .With("inbound", Inbound, "What the door demands.", d => d.Inbound, (d, v) => d with { Inbound = v })
            .With(
                "outbound", Outbound, "What the service's own calls demand.", d => d.Outbound,
                (d, v) => d with { Outbound = v });
}
