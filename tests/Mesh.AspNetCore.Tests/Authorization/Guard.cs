using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>Puts rules and modes into force at an application's door.</summary>
internal static class Guard
{
    public static void Rules(this DoorApp app, AuthorizationAction otherwise, params AuthorizationRule[] rules) =>
        app.Policy.Set(
            app.Policy.Security with { Authorization = new AuthorizationRules { Rules = rules, Otherwise = otherwise } },
            app.Policy.Inbound,
            unknown: false);

    public static void Intentions(this DoorApp app, RuleMode mode) =>
        app.Policy.Set(app.Policy.Security with { Intentions = mode }, app.Policy.Inbound, unknown: false);

    public static DoorLedger Ledger(this DoorApp app) => app.App.Services.GetRequiredService<DoorLedger>();

    public static AuthorizationRule Allow(string name) => new() { Name = name, Action = AuthorizationAction.Allow };

    public static AuthorizationRule Deny(string name) => new() { Name = name, Action = AuthorizationAction.Deny };

    public static AuthorizationRule Path(this AuthorizationRule rule, StringMatchKind kind, string value) =>
        rule with { Match = (rule.Match ?? new MatchRule()) with { Paths = [new StringMatch(kind, value)] } };

    public static AuthorizationRule From(this AuthorizationRule rule, params string[] callers) =>
        rule with { Callers = callers };
}
