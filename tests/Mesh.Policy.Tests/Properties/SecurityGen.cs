using FsCheck;
using FsCheck.Fluent;

namespace Mesh.Policy.Tests.Properties;

/// <summary>Valid security documents of every shape.</summary>
internal static class SecurityGen
{
    private static readonly string[] Callers = ["*", "web", "spiffe://corp.example/ns/default/dc/dc1/svc/web", "spiffe://corp.example/*"];

    /// <summary>The document of a service.</summary>
    public static Gen<SecurityDocument> OfService { get; } =
        from tls in Optional(Enum.GetValues<InboundTls>())
        from intentions in Optional(Enum.GetValues<RuleMode>())
        from outbound in Optional(Enum.GetValues<OutboundTls>())
        from rules in Gen.OneOf(Gen.Constant<AuthorizationRules?>(null), Rules().Select(r => (AuthorizationRules?)r))
        from plaintext in Gen.Elements<IReadOnlyList<string>?>(null, ["stock"], ["a", "b.c-d_e"])
        from inbound in Gen.Elements(true, false)
        select new SecurityDocument
        {
            Accept = DangerCodes.All,
            Inbound = inbound ? new SecurityInboundSection { Tls = tls, Intentions = intentions, Authorization = rules } : null,
            Outbound = outbound is null && plaintext is null
                ? null
                : new SecurityOutboundSection { Tls = outbound, Plaintext = plaintext },
        };

    /// <summary>The global document: locks some of what it says.</summary>
    public static Gen<SecurityDocument> OfGlobal { get; } =
        from document in OfService
        from wanted in Gen.SubListOf([.. SecurityLocks.Paths])
        let locked = wanted.Where(p => Says(document, p)).ToArray()
        select document with { Locked = locked.Length == 0 ? null : locked };

    private static bool Says(SecurityDocument document, string path) => path switch
    {
        SecurityLocks.InboundTls => document.Inbound?.Tls is not null,
        SecurityLocks.Intentions => document.Inbound?.Intentions is not null,
        SecurityLocks.Authorization => document.Inbound?.Authorization is not null,
        _ => document.Outbound?.Tls is not null,
    };

    private static Gen<AuthorizationRules> Rules() =>
        from count in Gen.Choose(0, 4)
        from actions in Gen.ArrayOf(Gen.Elements(Enum.GetValues<AuthorizationAction>()), count)
        from flags in Gen.ArrayOf(Gen.Choose(0, 31), count)
        from otherwise in Gen.Elements(Enum.GetValues<AuthorizationAction>())
        select new AuthorizationRules
        {
            Rules = [.. Enumerable.Range(0, count).Select(i => Rule(i, actions[i], flags[i]))],
            Otherwise = otherwise,
        };

    /// <summary>Every rule takes paths of its own, so that none is out of reach.</summary>
    private static AuthorizationRule Rule(int i, AuthorizationAction action, int flags) => new()
    {
        Name = $"rule-{i}",
        Action = action,
        Shadow = action == AuthorizationAction.Deny && (flags & 1) != 0,
        Callers = (flags & 2) != 0 ? [Callers[i % Callers.Length], "batch"] : null,
        Match = new MatchRule
        {
            Methods = (flags & 4) != 0 ? ["GET"] : null,
            Paths = [new StringMatch(StringMatchKind.Prefix, $"/p{i}")],
            Headers = (flags & 8) != 0
                ? new Dictionary<string, StringMatch> { ["x-a"] = new(StringMatchKind.Present, "") }
                : null,
        },
        GrpcMethods = (flags & 16) != 0 ? ["/shop.Stock/*"] : null,
        Claims = (flags & 2) != 0 ? new Dictionary<string, IReadOnlyList<string>> { ["role"] = ["admin", "ä/~"] } : null,
    };

    private static Gen<T?> Optional<T>(T[] values)
        where T : struct => Gen.Elements<T?>([null, .. values.Select(v => (T?)v)]);
}
