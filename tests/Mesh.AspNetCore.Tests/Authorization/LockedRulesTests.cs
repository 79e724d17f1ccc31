using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>What the mesh locks for every service, beside what the service itself says: both must allow.</summary>
public sealed class LockedRulesTests(RoutedApp routed) : IClassFixture<RoutedApp>
{
    /// <summary>
    /// What each says otherwise, with the rule that locks denying /admin and the service's denying /public.
    /// </summary>
    [Theory]
    [InlineData(AuthorizationAction.Allow, AuthorizationAction.Allow, "/elsewhere", HttpStatusCode.OK)]
    [InlineData(AuthorizationAction.Allow, AuthorizationAction.Allow, "/admin", HttpStatusCode.Forbidden)]
    [InlineData(AuthorizationAction.Allow, AuthorizationAction.Allow, "/public", HttpStatusCode.Forbidden)]
    [InlineData(AuthorizationAction.Allow, AuthorizationAction.Deny, "/elsewhere", HttpStatusCode.Forbidden)]
    [InlineData(AuthorizationAction.Deny, AuthorizationAction.Allow, "/elsewhere", HttpStatusCode.Forbidden)]
    public async Task Request_IsLetInOnlyWhenBothAllow(
        AuthorizationAction locked, AuthorizationAction own, string path, HttpStatusCode status)
    {
        Set(
            new() { Rules = [Guard.Deny("no-admin").Path(StringMatchKind.Prefix, "/admin")], Otherwise = locked },
            new() { Rules = [Guard.Deny("no-public").Path(StringMatchKind.Prefix, "/public")], Otherwise = own });

        Assert.Equal(status, await AskAsync(path));
    }

    [Fact]
    public async Task ServiceThatAllowsEverything_UndoesNoLockedDenial_AndMayDenyWhatIsAllowed()
    {
        var all = new AuthorizationRules { Rules = [Guard.Allow("all")], Otherwise = AuthorizationAction.Allow };
        Set(new() { Rules = [Guard.Deny("nobody")], Otherwise = AuthorizationAction.Allow }, all);
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/public"));

        Set(new() { Rules = [Guard.Deny("nobody")], Otherwise = AuthorizationAction.Allow }, null);
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/public"));

        Set(all, new() { Rules = [], Otherwise = AuthorizationAction.Deny });
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync("/public"));

        Set(all, null);
        Assert.Equal(HttpStatusCode.OK, await AskAsync("/public"));
    }

    private void Set(AuthorizationRules? locked, AuthorizationRules? own) => routed.App.Policy.Set(
        routed.App.Policy.Security with { LockedAuthorization = locked, Authorization = own },
        routed.App.Policy.Inbound,
        unknown: false);

    private async Task<HttpStatusCode> AskAsync(string path)
    {
        using var client = new HttpClient();
        using var answer = await client.GetAsync($"http://127.0.0.1:{routed.App.Port}{path}");
        return answer.StatusCode;
    }
}
