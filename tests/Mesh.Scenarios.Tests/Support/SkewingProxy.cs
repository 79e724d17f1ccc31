using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// Stands between a client and a desk and makes each look like another version to the other: the desk's events say more
/// than this version does, and the client's reports say that it knows less, in words that the desk does not know.
/// </summary>
internal sealed class SkewingProxy : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly HttpClient _desk;
    private readonly string[] _unknown;

    private SkewingProxy(WebApplication app, Uri desk, string[] unknown)
    {
        (_app, _unknown) = (app, unknown);
        _desk = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = desk };
    }

    public string Address => _app.Urls.Single();

    /// <summary>Events that were changed on their way.</summary>
    public int Changed { get; private set; }

    /// <param name="desk">The real desk.</param>
    /// <param name="unknown">Terms that the client seems not to understand.</param>
    public static async Task<SkewingProxy> StartAsync(Uri desk, params string[] unknown)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var app = builder.Build();
        var proxy = new SkewingProxy(app, desk, unknown);
        app.MapGet("/v1/policies/stream", proxy.StreamAsync);
        app.MapPut("/v1/clients/{instance}", proxy.ReportAsync);
        await app.StartAsync();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        _desk.Dispose();
        await _app.DisposeAsync();
    }

    private async Task StreamAsync(HttpContext context)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/v1/policies/stream" + context.Request.QueryString);
        request.Headers.TryAddWithoutValidation("Last-Event-ID", context.Request.Headers["Last-Event-ID"].ToArray());
        using var response = await _desk.SendAsync(
            request, HttpCompletionOption.ResponseHeadersRead, context.RequestAborted);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(context.RequestAborted));
        context.Response.ContentType = "text/event-stream";
        while (await lines.ReadLineAsync(context.RequestAborted) is { } line)
        {
            await context.Response.WriteAsync(Newer(line) + "\n", context.RequestAborted);
            await context.Response.Body.FlushAsync(context.RequestAborted);
        }
    }

    private string Newer(string line)
    {
        const string data = "data: ";
        if (!line.StartsWith(data, StringComparison.Ordinal))
        {
            return line;
        }

        var message = JsonNode.Parse(line[data.Length..])!.AsObject();
        foreach (var document in message["documents"]?.AsArray() ?? [])
        {
            document!["state"] = "certified";
            document["later"] = new JsonArray(1, "two", null);
        }

        message["later"] = new JsonObject { ["more"] = true };
        Changed++;
        return data + message.ToJsonString();
    }

    private async Task ReportAsync(HttpContext context, string instance)
    {
        var report = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
        report["library"] = "0.0.9";
        report["source"] = "gossip";
        report["later"] = new JsonObject { ["more"] = true };
        var terms = report["understands"]!["terms"]!.AsArray().Select(t => t!.GetValue<string>()).Except(_unknown);
        report["understands"]!["terms"] = new JsonArray([.. terms.Select(t => (JsonNode?)JsonValue.Create(t))]);
        using var content = new StringContent(report.ToJsonString());
        using var answer = await _desk.PutAsync($"/v1/clients/{Uri.EscapeDataString(instance)}", content);
        context.Response.StatusCode = (int)answer.StatusCode;
    }
}
