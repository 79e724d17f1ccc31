using Mesh.Client.Routing;
using Mesh.Policy;

namespace Mesh.Client.Tests.Routing;

public sealed class RequestMatcherTests
{
    [Theory]
    [InlineData("GET", "/orders/7?page=2", "yes", null, "")]
    [InlineData("POST", "/other", null, MatchPart.Method, "")]
    [InlineData("GET", "/other", null, MatchPart.Path, "")]
    [InlineData("GET", "/orders?page=2", null, MatchPart.Header, "x-beta")]
    [InlineData("GET", "/orders?page=2", "no", MatchPart.Header, "x-beta")]
    [InlineData("GET", "/orders?page=3", "yes", MatchPart.Query, "page")]
    internal void FirstFailure_OfARequest_IsWhatMatchesAsksFirst(
        string method, string path, string? header, MatchPart? part, string name)
    {
        var rule = new MatchRule
        {
            Methods = ["GET"],
            Paths = [new StringMatch(StringMatchKind.Prefix, "/orders")],
            Headers = new Dictionary<string, StringMatch> { ["x-beta"] = new(StringMatchKind.Exact, "yes") },
            Query = new Dictionary<string, StringMatch> { ["page"] = new(StringMatchKind.Exact, "2") },
        };
        using var request = Request(path, method);
        if (header is not null)
        {
            request.Headers.Add("x-beta", header);
        }

        var failure = new RequestMatcher(rule).FirstFailure(request);

        Assert.Equal(part is { } expected ? new MatchFailure(expected, name) : null, failure);
        Assert.Equal(part is null, new RequestMatcher(rule).Matches(request));
    }

    [Theory]
    [InlineData("GET", true)]
    [InlineData("get", true)]
    [InlineData("HEAD", true)]
    [InlineData("POST", false)]
    public void Matches_AMethod_AnyOfTheList(string method, bool expected) =>
        Assert.Equal(expected, Matches(new MatchRule { Methods = ["GET", "HEAD"] }, Request("/", method)));

    [Theory]
    [InlineData("/orders", "/orders", true)]
    [InlineData("/orders", "/orders/7", true)]
    [InlineData("/orders", "/orders2", false)]
    [InlineData("/orders", "/Orders", false)]
    [InlineData("/orders", "/order", false)]
    [InlineData("/orders/", "/orders", false)]
    [InlineData("/orders/", "/orders/7", true)]
    [InlineData("/", "/anything", true)]
    [InlineData("/orders", "/x/../orders/7", true)]
    [InlineData("/orders", "/orders?x=/y", true)]
    public void Matches_APathPrefix_ByWholeSegments(string prefix, string path, bool expected) =>
        Assert.Equal(expected, Matches(Path(StringMatchKind.Prefix, prefix), Request(path)));

    [Theory]
    [InlineData(StringMatchKind.Exact, "/a%20b", "/a b", true)]
    [InlineData(StringMatchKind.Exact, "/a", "/a/", false)]
    [InlineData(StringMatchKind.Suffix, ".png", "/img/x.png", true)]
    [InlineData(StringMatchKind.Suffix, ".png", "/img/x.png/y", false)]
    [InlineData(StringMatchKind.Regex, "/orders/[0-9]+", "/orders/17", true)]
    [InlineData(StringMatchKind.Regex, "/orders/[0-9]+", "/orders/17/x", false)]
    [InlineData(StringMatchKind.Regex, "/a|/b", "/b", true)]
    [InlineData(StringMatchKind.Regex, "/a|/b", "/bc", false)]
    public void Matches_APath_AsItIsSent(StringMatchKind kind, string value, string path, bool expected) =>
        Assert.Equal(expected, Matches(Path(kind, value), Request(path)));

    [Fact]
    public void Matches_APath_AnyOfTheList() => Assert.True(Matches(
        new MatchRule
        {
            Paths = [new StringMatch(StringMatchKind.Exact, "/a"), new StringMatch(StringMatchKind.Exact, "/b")],
        },
        Request("/b")));

    [Theory]
    [InlineData(StringMatchKind.Exact, "yes", "yes", true)]
    [InlineData(StringMatchKind.Exact, "yes", "Yes", false)]
    [InlineData(StringMatchKind.Exact, "yes", null, false)]
    [InlineData(StringMatchKind.Present, "", "anything", true)]
    [InlineData(StringMatchKind.Present, "", null, false)]
    [InlineData(StringMatchKind.Absent, "", null, true)]
    [InlineData(StringMatchKind.Absent, "", "anything", false)]
    [InlineData(StringMatchKind.Regex, "y.*", "yes", true)]
    [InlineData(StringMatchKind.Prefix, "ye", "yes", true)]
    public void Matches_AHeader(StringMatchKind kind, string expectedValue, string? value, bool expected)
    {
        var request = Request("/");
        if (value is not null)
        {
            request.Headers.Add("X-Beta", value);
        }

        Assert.Equal(expected, Matches(Header("x-beta", kind, expectedValue), request));
    }

    [Fact]
    public void Matches_AHeaderOfSeveralValues_AnyOfThem()
    {
        var request = Request("/");
        request.Headers.Add("x-tag", ["one", "two"]);

        Assert.True(Matches(Header("x-tag", StringMatchKind.Exact, "two"), request));
        Assert.False(Matches(Header("x-tag", StringMatchKind.Exact, "three"), request));
    }

    [Theory]
    [InlineData("", StringMatchKind.Absent, "", true)]
    [InlineData("?v=1", StringMatchKind.Exact, "1", true)]
    [InlineData("?V=1", StringMatchKind.Exact, "1", false)]
    [InlineData("?x=2&v=1", StringMatchKind.Exact, "1", true)]
    [InlineData("?v=2&v=1", StringMatchKind.Exact, "1", true)]
    [InlineData("?vv=1", StringMatchKind.Present, "", false)]
    [InlineData("?v", StringMatchKind.Present, "", true)]
    [InlineData("?v=1", StringMatchKind.Absent, "", false)]
    [InlineData("?%76=a%20b", StringMatchKind.Exact, "a b", true)]
    [InlineData("?v=a+b", StringMatchKind.Exact, "a b", true)]
    public void Matches_AQueryParameter(string query, StringMatchKind kind, string value, bool expected)
    {
        var rule = new MatchRule { Query = new Dictionary<string, StringMatch> { ["v"] = new(kind, value) } };

        Assert.Equal(expected, Matches(rule, Request("/p" + query)));
    }

    [Fact]
    public void Matches_SeveralParts_OnlyWhenAllHold()
    {
        var rule = Header("x-beta", StringMatchKind.Exact, "yes") with { Methods = ["POST"] };
        var request = Request("/");
        request.Headers.Add("x-beta", "yes");
        Assert.False(Matches(rule, request));

        request.Method = HttpMethod.Post;
        Assert.True(Matches(rule, request));
    }

    [Fact]
    public void Matches_ByMethodHeaderAndPath_AllocatesNothingMore()
    {
        var matcher = new RequestMatcher(Header("x-beta", StringMatchKind.Exact, "yes") with
        {
            Methods = ["POST"],
            Paths = [new StringMatch(StringMatchKind.Prefix, "/orders")],
        });
        var request = Request("/orders/7", "POST");
        request.Headers.Add("x-beta", "yes");
        Assert.True(matcher.Matches(request));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            matcher.Matches(request);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static bool Matches(MatchRule rule, HttpRequestMessage request) => new RequestMatcher(rule).Matches(request);

    private static HttpRequestMessage Request(string pathAndQuery, string method = "GET") =>
        new(new HttpMethod(method), new Uri("http://orders" + pathAndQuery));

    private static MatchRule Path(StringMatchKind kind, string value) => new() { Paths = [new StringMatch(kind, value)] };

    private static MatchRule Header(string name, StringMatchKind kind, string value) =>
        new() { Headers = new Dictionary<string, StringMatch> { [name] = new(kind, value) } };
}
