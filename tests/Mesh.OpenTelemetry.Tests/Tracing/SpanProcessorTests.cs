using System.Diagnostics;
using Mesh.OpenTelemetry.Tracing;

namespace Mesh.OpenTelemetry.Tests.Tracing;

public sealed class SpanProcessorTests
{
    private readonly MeshTracingOptions _options = new();

    [Fact]
    public void Redaction_TakesOutWhatUsersTyped_AndKeepsTheRest()
    {
        var span = End(ActivityKind.Server, "any",
            ("url.full", "https://jane:secret@shop.example:8443/orders/4711?card=4111"), ("url.path", "/orders/4711"),
            ("url.query", "card=4111"), ("user_agent.original", "x"), ("client.address", "10.0.0.9"),
            ("http.request.header.authorization", "Bearer x"), ("http.request.method_original", "PAY4111"),
            ("server.address", "jane.doe.example"), ("server.port", 8443), ("http.host", "jane.doe.example"),
            ("http.route", "/orders/{id}"), ("url.scheme", "https"));

        Assert.Equal(["http.route=/orders/{id}", "url.scheme=https"], Tags(span));
    }

    [Fact]
    public void Redaction_OfAClientsSpan_KeepsWhoWasCalled()
    {
        var span = End(ActivityKind.Client, "System.Net.Http",
            ("network.peer.address", "10.0.0.9"), ("server.address", "orders"), ("http.request.method_original", "PAY4111"),
            ("url.full", "https://jane:secret@shop.example:8443/orders/4711?card=4111"), ("http.url", "not an url"));

        Assert.Equal(
            ["network.peer.address=10.0.0.9", "server.address=orders", "url.full=https://shop.example:8443/*"], Tags(span));
    }

    [Fact]
    public void Redaction_LeavesWhatIsAllowedByName()
    {
        _options.AllowedAttributes.Add("url.path");
        _options.AllowedAttributes.Add("http.request.header.x-tenant");

        var span = End(ActivityKind.Server, "any",
            ("url.path", "/a"), ("http.request.header.x-tenant", "t"), ("http.request.header.cookie", "c"));

        Assert.Equal(["http.request.header.x-tenant=t", "url.path=/a"], Tags(span));
    }

    [Theory]
    [InlineData("/shop.Prices/Quote", "5", "shop.Prices/Quote",
        "rpc.grpc.status_code=5,rpc.method=Quote,rpc.service=shop.Prices,rpc.system=grpc", ActivityStatusCode.Error)]
    [InlineData("/shop.Prices/Quote", "0", "shop.Prices/Quote",
        "rpc.grpc.status_code=0,rpc.method=Quote,rpc.service=shop.Prices,rpc.system=grpc", ActivityStatusCode.Unset)]
    [InlineData("/4111/Quote", "0", "call", "grpc.method=/4111/Quote,grpc.status_code=0", ActivityStatusCode.Unset)]
    public void GrpcClient_IsNamedByTheConventions_WhereTheNameIsOne(
        string method, string status, string name, string tags, ActivityStatusCode code)
    {
        var span = End(ActivityKind.Client, "Grpc.Net.Client", ("grpc.method", method), ("grpc.status_code", status));

        Assert.Equal(name, span.DisplayName);
        Assert.Equal(tags.Split(','), Tags(span));
        Assert.Equal(code, span.Status);
    }

    [Theory]
    [InlineData("/a.B/C", true)]
    [InlineData("a/B", true)]
    [InlineData("/a.B/{method}", false)]
    [InlineData("/a.B/C/D", false)]
    [InlineData("/a.B/", false)]
    [InlineData("/jane@doe/C", false)]
    [InlineData("/1a/C", false)]
    [InlineData("", false)]
    public void RpcName_IsWhatAContractCouldSay(string path, bool expected) =>
        Assert.Equal(expected, RpcName.TryParse(path, out _));

    private Activity End(ActivityKind kind, string source, params (string Key, object Value)[] tags)
    {
        using var activities = new ActivitySource(source);
        using var listener = new ActivityListener
        {
            ShouldListenTo = s => ReferenceEquals(s, activities),
            Sample = (ref _) => ActivitySamplingResult.AllDataAndRecorded,
        };
        ActivitySource.AddActivityListener(listener);
        var span = activities.StartActivity("call", kind)!;
        foreach (var (key, value) in tags)
        {
            span.SetTag(key, value);
        }

        span.Stop();
        using var processor = new SpanProcessor(_options);
        processor.OnEnd(span);
        return span;
    }

    private static string[] Tags(Activity span) =>
        [.. span.TagObjects.Select(t => $"{t.Key}={t.Value}").Order(StringComparer.Ordinal)];
}
