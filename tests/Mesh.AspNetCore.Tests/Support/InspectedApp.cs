using System.Text;
using System.Text.Json;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;
using Mesh.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>An application that shows its mesh, with endpoints of the test's choice instead of a registry.</summary>
internal sealed class InspectedApp : IAsyncDisposable
{
    private InspectedApp(WebApplication app)
    {
        App = app;
        var url = app.Urls.First().Replace("0.0.0.0", "127.0.0.1", StringComparison.Ordinal);
        Http = new HttpClient { BaseAddress = new Uri(url) };
    }

    public WebApplication App { get; }

    public HttpClient Http { get; }

    public MeshRuntime Runtime => App.Services.GetRequiredService<MeshRuntime>();

    public required RecordingTransports Transports { get; init; }

    public static async Task<InspectedApp> StartAsync(
        Action<WebApplicationBuilder>? build = null,
        Action<WebApplication>? use = null,
        Action<MeshOptions>? configure = null,
        string url = "http://127.0.0.1:0",
        Action<IEndpointConventionBuilder>? map = null)
    {
        var transports = new RecordingTransports();
        var builder = WebApplication.CreateSlimBuilder();
        builder.WebHost.UseUrls(url);
        builder.Logging.ClearProviders();
        builder.Services.AddSingleton<ITransportFactory>(transports);
        builder.Services.AddMesh(o =>
        {
            o.Service = "web";
            o.Discovery.UseConsul = false;
            o.Snapshot.Enabled = false;
            configure?.Invoke(o);
        });
        build?.Invoke(builder);
        var app = builder.Build();
        use?.Invoke(app);
        var mesh = app.MapMesh();
        map?.Invoke(mesh);
        await app.StartAsync();
        return new InspectedApp(app) { Transports = transports };
    }

    public static EndpointInfo Endpoint(
        string id, string? version = null, EndpointHealth health = EndpointHealth.Passing, int weight = 1) => new()
    {
        Id = id,
        Host = "10.0.0.1",
        Port = 1000 + id.Sum(static c => c),
        Health = health,
        Weight = weight,
        Metadata = version is null
            ? new Dictionary<string, string>()
            : new Dictionary<string, string> { [MeshMetadata.Version] = version },
    };

    public Upstream With(string service, params EndpointInfo[] endpoints)
    {
        var upstream = Runtime.GetUpstream(service);
        upstream.ApplyEndpoints(new EndpointSnapshot(endpoints, EndpointSource.Consul, Known: true));
        return upstream;
    }

    public static void Govern(Upstream upstream, string policy)
    {
        var key = PolicyKey.TrafficTo(upstream.Name);
        var read = PolicyReader.ReadTraffic(Encoding.UTF8.GetBytes(policy), key, ReadOptions.Tolerant);
        Assert.True(read.IsAccepted && read.Ignored.Count == 0, string.Join(' ', read.Problems.Concat(read.Ignored)));
        upstream.ApplyPolicy(PolicyMerger.Merge(upstream.Name, null, read.Document), "test-1");
    }

    /// <summary>Answers at once, so often, with this outcome.</summary>
    public static void Answer(MeshEndpoint endpoint, AttemptOutcome outcome, int times)
    {
        for (var i = 0; i < times; i++)
        {
            var now = TimeProvider.System.GetTimestamp();
            endpoint.Begin();
            endpoint.Observe(now, now, outcome);
            endpoint.End();
        }
    }

    public async Task<JsonElement> MeshAsync(string query = "") => Parse(await Http.GetStringAsync("/mesh" + query));

    public Task<string> TextAsync(string query) => Http.GetStringAsync("/mesh/explain?" + query);

    public async Task<JsonElement> ExplainAsync(string query)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "/mesh/explain?" + query);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await Http.SendAsync(request);
        return Parse(await answer.EnsureSuccessStatusCode().Content.ReadAsStringAsync());
    }

    public static JsonElement Parse(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.Clone();
    }

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await App.DisposeAsync();
    }
}
