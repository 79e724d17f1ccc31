using System.Net.Sockets;
using System.Text;
using Mesh.OpenTelemetry.Tests.Support;
using Mesh.Testing;

namespace Mesh.OpenTelemetry.Tests;

/// <summary>
/// A card number, an e-mail address, a bearer token, a cookie and a user agent in every part of requests that a user
/// decides on, good and failed; then all that a collector and Prometheus got is searched for them.
/// </summary>
public sealed class PrivacyTests
{
    private const string Card = "4111111111111111";
    private const string Token = "eyJzdWIiOiJqYW5lIn0";
    private const string Typed = $"{Card}-jane.doe%40shop.example-{Token}";

    /// <summary>As they occur in any encoding.</summary>
    private static readonly string[] Planted = [Card, "jane.doe", Token, "session-of-jane", "browser-of-jane"];

    private static readonly string[] Requests =
    [
        Request("GET", $"/orders/{Typed}?who={Typed}"),
        Request("GET", $"/{Typed}/nowhere"),
        Request("GET", $"/fail?{Typed}={Typed}#{Typed}"),
        Request("POST", $"/carts?card={Typed}", body: $"what={Typed}&{Card}=jane.doe%40shop.example"),
        Request("POST", $"/carts?card={Typed}", body: $"{{ \"{Card}\": \"jane.doe@shop.example\"", type: $"text/{Token}"),
        Request($"PAY{Card}", "/items/1"),
        Request($"PAY-{Token}", $"/items/{Typed}"),
        Request("GET", "/items/1", host: $"{Card}.example"),
        Request("GET", "/items/1", host: $"jane.doe.{Token}:4711"),
        Request("GET", $"http://{Card}.example/items/1", host: $"{Card}.example"),
        Request("GET", "/items/1", host: "jane.doe@shop.example"),
        Request("POST", $"/shop.{Token}/{Card}", body: Typed, type: "application/grpc"),
        $"GET /{Card} {Token}\r\n\r\n",
    ];

    [Theory]
    [InlineData("false")]
    [InlineData("true")]
    public async Task WhatRequestsHold_IsInNothingThatIsExported(string platformTags)
    {
        await using var receiver = await OtlpReceiver.StartAsync();
        await using var back = await HttpBackend.StartAsync(new HttpBackendOptions { Name = "back" });
        await using var service = await TestProcess.StartAsync(
            "front",
            ("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Address),
            ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"),
            ("Test__PlatformTags", platformTags),
            ("Mesh__AccessLog__Mode", "All"),
            ("Mesh__Upstreams__back__Endpoints__0", back.Address.Authority),
            ("Mesh__Upstreams__gone__Endpoints__0", "127.0.0.1:1"));

        var answers = new List<string>();
        foreach (var request in Requests)
        {
            answers.Add(await SendAsync(service.Address, request));
        }

        using var client = new HttpClient { BaseAddress = service.Address };
        var scrape = await client.GetStringAsync("/metrics");
        await service.StopAsync();

        // What is searched has all of them in it: those that reached the application, and the failures' logs.
        Assert.Equal(
            ["200", "404", "500", "500", "415", "405", "405", "200", "200", "200", "400", "404", "400"],
            answers.Select(a => a.Split(' ')[1]));
        Assert.Equal(11, receiver.Spans.Count(s => s.Data.Kind == ReceivedSpan.Server));
        Assert.Contains(receiver.Spans, s => s.Data.Kind == ReceivedSpan.Client && s.Tags["server.address"] == "gone");
        Assert.Contains(receiver.Metrics, m => m.Data.Name == "http.server.request.duration");
        Assert.Contains(receiver.Logs, l => l.Data.ToString().Contains("MeshException", StringComparison.Ordinal));
        Assert.Contains("http_server_request_duration_seconds_count{", scrape, StringComparison.Ordinal);
        foreach (var planted in Planted)
        {
            Assert.DoesNotContain(planted, receiver.Everything, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(planted, scrape, StringComparison.OrdinalIgnoreCase);
        }
    }

    private static string Request(
        string method, string target, string host = "shop", string body = "", string type = "application/x-www-form-urlencoded") =>
        $"{method} {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {Token}\r\n"
        + $"Cookie: session-of-jane={Card}\r\nUser-Agent: Browser-of-Jane/1.0\r\nReferer: http://shop/{Typed}\r\n"
        + $"X-Mail: jane.doe@shop.example\r\nX-{Card}: 1\r\nX-Forwarded-For: {Token}\r\nBaggage: who=jane.doe%40shop.example\r\n"
        + $"Accept: text/{Token}\r\nContent-Type: {type}\r\nContent-Length: {body.Length}\r\n\r\n{body}";

    /// <summary>By a socket, because no client would send all of these.</summary>
    private static async Task<string> SendAsync(Uri address, string request)
    {
        using var connection = new TcpClient();
        await connection.ConnectAsync(address.Host, address.Port);
        var stream = connection.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        return await reader.ReadToEndAsync(limit.Token);
    }
}
