using System.Text;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Policy;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>
/// Requests written byte by byte, through Kestrel to the application's routing: no spelling of a path gets past a
/// denial or into an allowance, and what is plainly something else is left alone.
/// </summary>
public sealed class PathTrickTests(RoutedApp routed) : IClassFixture<RoutedApp>
{
    private const string Admin = "admin";
    private const string Public = "public";
    private const string Other = "other";
    private const string Denied = "403 authorization";
    private const string Ambiguous = "400 ambiguous_path";
    private const string Malformed = "400 ";

    /// <summary>The request's target; what becomes of it with /admin denied; with only /public allowed.</summary>
    public static TheoryData<string, string, string> Targets => new()
    {
        { "/admin", Denied, Denied },
        { "/admin/users", Denied, Denied },
        { "/public", Public, Public },
        { "/public/a.txt", Public, Public },
        { "/elsewhere", Other, Denied },
        { "/", Other, Denied },
        { "/administrator", Other, Denied },
        { "/publication", Other, Denied },
        { "/100%25", Other, Denied },
        { "/public/100%25", Public, Public },
        { "/public/caf%C3%A9", Public, Public },
        { "/public?next=/admin", Public, Public },
        { "/public?next=%2e%2e%2fadmin", Public, Public },

        // Case: routing does not look at it, so a denial does not either; an allowance is what it says.
        { "/ADMIN", Denied, Denied },
        { "/Admin/Users", Denied, Denied },
        { "/PUBLIC", Public, Denied },
        { "/%41dmin", Denied, Denied },

        // A slash at the end: the same route to the application.
        { "/admin/", Denied, Denied },
        { "/public/", Public, Public },

        // Escapes that Kestrel decodes.
        { "/%61dmin", Denied, Denied },
        { "/%61%64%6d%69%6e", Denied, Denied },
        { "/%70ublic", Public, Public },

        // Dot segments, which Kestrel resolves, escaped or not.
        { "/public/../admin", Denied, Denied },
        { "/public/%2e%2e/admin", Denied, Denied },
        { "/public/%2E%2E/%61dmin", Denied, Denied },
        { "/./admin", Denied, Denied },
        { "/admin/.", Denied, Denied },
        { "/admin/../public", Public, Public },
        { "/../../admin", Denied, Denied },
        { "/admin/..", Other, Denied },

        // Escapes that stay: of a slash, of an escape, of what is no UTF-8.
        { "/public%2fadmin", Ambiguous, Ambiguous },
        { "/public/..%2fadmin", Ambiguous, Ambiguous },
        { "/public/..%2Fadmin", Ambiguous, Ambiguous },
        { "/%252e%252e/admin", Ambiguous, Ambiguous },
        { "/public/%252e%252e%252fadmin", Ambiguous, Ambiguous },
        { "/public/..%252fadmin", Ambiguous, Ambiguous },
        { "/%2561dmin", Ambiguous, Ambiguous },
        { "/public/%c0%ae%c0%ae/admin", Ambiguous, Ambiguous },
        { "/public/..%c0%afadmin", Ambiguous, Ambiguous },
        { "/public%e0%80%afadmin", Ambiguous, Ambiguous },
        { "/adm%ffin", Ambiguous, Ambiguous },

        // Empty segments.
        { "//admin", Ambiguous, Ambiguous },
        { "/public//admin", Ambiguous, Ambiguous },
        { "/admin//", Ambiguous, Ambiguous },
        { "//public", Ambiguous, Ambiguous },

        // Backslashes, parameters of segments, dots and spaces at the end.
        { "/public\\..\\admin", Ambiguous, Ambiguous },
        { "/public/..%5cadmin", Ambiguous, Ambiguous },
        { "\\admin", Malformed, Malformed },
        { "/admin;a=1", Ambiguous, Ambiguous },
        { "/admin;/users", Ambiguous, Ambiguous },
        { "/public;/../admin", Denied, Denied },
        { "/public/..;/admin", Ambiguous, Ambiguous },
        { "/admin%3b", Ambiguous, Ambiguous },
        { "/admin.", Ambiguous, Ambiguous },
        { "/admin./users", Ambiguous, Ambiguous },
        { "/admin%20", Ambiguous, Ambiguous },
        { "/admin...", Ambiguous, Ambiguous },
        { "/public/.../admin", Ambiguous, Ambiguous },

        // Control characters; NUL is for Kestrel.
        { "/admin%00", Malformed, Malformed },
        { "/public%00/admin", Malformed, Malformed },
        { "/admin%0a", Ambiguous, Ambiguous },
        { "/admin%09", Ambiguous, Ambiguous },
        { "/admin%7f", Ambiguous, Ambiguous },
        { "/%c2%85admin", Ambiguous, Ambiguous },

        // Other letters that look alike are other letters to routing, too.
        { "/%EF%BC%8Fadmin", Other, Denied },
        { "/adm%C4%B1n", Other, Denied },

        // The whole address, as proxies are asked, and what is no target at all.
        { "http://orders/admin", Denied, Denied },
        { "http://orders/%61dmin", Denied, Denied },
        { "http://orders/public/../admin", Denied, Denied },
        { "http://orders/public", Public, Public },
        { "admin", "405 ", "405 " },
    };

    [Theory]
    [MemberData(nameof(Targets))]
    public async Task Target_WithADenial_IsNotGotPast(string target, string denial, string allowance)
    {
        var app = routed.App;

        app.Rules(AuthorizationAction.Allow, Guard.Deny("no-admin").Path(StringMatchKind.Prefix, "/admin"));
        Assert.Equal(denial, await AskAsync(app, target));

        app.Rules(AuthorizationAction.Deny, Guard.Allow("public-only").Path(StringMatchKind.Prefix, "/public"));
        Assert.Equal(allowance, await AskAsync(app, target));
    }

    [Fact]
    public async Task AmbiguousPath_IsRefusedOnlyWhereAPathWouldDecide()
    {
        var app = routed.App;
        const string Target = "/public/..%2fadmin";

        app.Rules(AuthorizationAction.Allow);
        Assert.Equal(Public, await AskAsync(app, Target));

        app.Rules(AuthorizationAction.Allow, Guard.Deny("web").From("web"));
        Assert.Equal(Public, await AskAsync(app, Target));

        // The condition on the path is not reached: another one fails, or an earlier rule decides.
        app.Rules(
            AuthorizationAction.Allow, Guard.Deny("web-admin").From("web").Path(StringMatchKind.Prefix, "/admin"));
        Assert.Equal(Public, await AskAsync(app, Target));
        app.Rules(
            AuthorizationAction.Deny, Guard.Allow("all"),
            Guard.Deny("no-admin").Path(StringMatchKind.Prefix, "/admin"));
        Assert.Equal(Public, await AskAsync(app, Target));

        // In shadow it is counted as what it would be, and goes on.
        app.Rules(
            AuthorizationAction.Allow,
            Guard.Deny("trial").Path(StringMatchKind.Prefix, "/admin") with { Shadow = true });
        Assert.Equal(Public, await AskAsync(app, Target));
        Assert.Contains(app.Ledger().WouldBeDenied(), w => w.Key.Rule == "trial" && w.Count == 1);
    }

    [Theory]
    [InlineData(StringMatchKind.Exact, "/admin")]
    [InlineData(StringMatchKind.Exact, "/admin/")]
    [InlineData(StringMatchKind.Prefix, "/admin")]
    [InlineData(StringMatchKind.Prefix, "/admin/")]
    [InlineData(StringMatchKind.Suffix, "admin")]
    [InlineData(StringMatchKind.Regex, "/ad[m]in")]
    public async Task Denial_OfEveryKind_TakesEverySpellingOfItsRoute(StringMatchKind kind, string value)
    {
        var app = routed.App;
        app.Rules(AuthorizationAction.Allow, Guard.Deny("no-admin").Path(kind, value));

        foreach (var target in new[] { "/admin", "/admin/", "/ADMIN", "/Admin/", "/%61dmin/" })
        {
            Assert.Equal(Denied, await AskAsync(app, target));
        }

        Assert.Equal(Public, await AskAsync(app, "/public"));
    }

    /// <summary>The application's answer, or the status and reason of the mesh's.</summary>
    private static async Task<string> AskAsync(DoorApp app, string target)
    {
        await using var connection = await RawConnection.OpenAsync(app.Port);
        await connection.SendAsync(
            Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: orders\r\nConnection: close\r\n\r\n"));
        var head = await connection.ReadHeadAsync();
        var lines = head.Split("\r\n");
        var status = lines[0].Split(' ')[1];
        if (status == "200")
        {
            return await BodyAsync(connection, head);
        }

        var reason = lines.FirstOrDefault(l => l.StartsWith("mesh-reason:", StringComparison.OrdinalIgnoreCase));
        return $"{status} {reason?.Split(':')[1].Trim()}";
    }

    private static async Task<string> BodyAsync(RawConnection connection, string head)
    {
        var body = await connection.ReadToEndAsync();
        return head.Contains("chunked", StringComparison.OrdinalIgnoreCase) ? body.Split("\r\n")[1] : body;
    }
}
