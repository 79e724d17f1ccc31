using System.Net.Http.Json;
using System.Text;
using Mesh.AspNetCore.Tests.Support;
using Mesh.ConfigServer.Hosting;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.ConfigServer.Tests.Support;

/// <summary>A desk on a free port, for a mesh of its own.</summary>
internal sealed class TestDesk : IAsyncDisposable
{
    private readonly ConsulClient _kv;
    private readonly string _folder;
    private bool _keepsFolder;

    private TestDesk(WebApplication app, LogSink log, ConsulClientOptions consul, string mesh, string folder)
    {
        App = app;
        Log = log;
        Mesh = mesh;
        _folder = folder;
        _kv = new ConsulClient(consul);
        Http = new HttpClient { BaseAddress = new Uri(app.Urls.First()) };
    }

    public WebApplication App { get; }

    public LogSink Log { get; }

    public string Mesh { get; }

    public HttpClient Http { get; }

    public ConsulClient Consul => _kv;

    /// <param name="consul">The agent.</param>
    /// <param name="settings">Further settings, as <c>Desk:Token=...</c>.</param>
    /// <param name="mesh">Another desk's mesh; <see langword="null"/> for a new one.</param>
    /// <param name="folder">Another desk's memory; <see langword="null"/> for a new one.</param>
    /// <param name="token">The token with which the test itself writes.</param>
    /// <param name="time">The desk's clock.</param>
    /// <param name="configure">Adds to the desk before it is put together.</param>
    public static async Task<TestDesk> StartAsync(
        Uri consul, string[]? settings = null, string? mesh = null, string? folder = null, string? token = null,
        TimeProvider? time = null, Action<WebApplicationBuilder>? configure = null)
    {
        mesh ??= $"mesh-{Guid.NewGuid():N}"[..13];
        folder ??= Directory.CreateTempSubdirectory("mesh-desk-").FullName;
        var (app, log) = Build(
            [
                $"--Desk:Mesh={mesh}", $"--Desk:Consul:Address={consul}", $"--Desk:DataFolder={folder}",
                "--Desk:Urls=http://127.0.0.1:0", .. (settings ?? []).Select(s => "--" + s),
            ],
            time,
            configure);
        await app.StartAsync();
        var client = new ConsulClientOptions { Address = consul.ToString(), Token = token };
        return new TestDesk(app, log, client, mesh, folder);
    }

    /// <summary>What it remembers stays for another desk, which deletes it then.</summary>
    public string KeepFolder()
    {
        _keepsFolder = true;
        return _folder;
    }

    public static (WebApplication App, LogSink Log) Build(
        string[] args, TimeProvider? time = null, Action<WebApplicationBuilder>? configure = null)
    {
        var log = new LogSink();
        var app = DeskApp.Build(["--Mesh:Server:DrainDelay=00:00:00", .. args], builder =>
        {
            builder.Logging.ClearProviders();
            builder.Logging.AddProvider(log);
            if (time is not null)
            {
                builder.Services.AddSingleton(time);
            }

            configure?.Invoke(builder);
        });
        return (app, log);
    }

    public Task PutAsync(string key, string body) =>
        _kv.PutKeyAsync($"{Mesh}/{key}", Encoding.UTF8.GetBytes(body), null, CancellationToken.None);

    public Task DeleteAsync(string key, bool recurse = false) =>
        _kv.DeleteKeyAsync($"{Mesh}/{key}", recurse, null, CancellationToken.None);

    public async Task<PolicyListWire> ListAsync() =>
        (await Http.GetFromJsonAsync("/v1/policies", MeshWireJson.Default.PolicyListWire))!;

    public async Task<PolicyListEntryWire?> FindAsync(string key)
    {
        await ReadyAsync();
        return (await ListAsync()).Documents.SingleOrDefault(d => d.Key.ToString() == key);
    }

    /// <summary>Waits until the desk has an opinion on the document that fits.</summary>
    public Task<PolicyListEntryWire> WaitAsync(string key, Func<PolicyListEntryWire, bool> fits) => Eventually.GetAsync(
        async () => await FindAsync(key) is { } found && fits(found) ? found : null, $"{key} to fit", Log.Text);

    public Task<PolicyListEntryWire> WaitAsync(string key, PolicyDocumentState state) => WaitAsync(key, d => d.State == state);

    public Task ReadyAsync() => Eventually.TrueAsync(async () =>
    {
        using var answer = await Http.GetAsync("/readyz");
        return answer.IsSuccessStatusCode;
    }, "the desk to be ready", Log.Text);

    public async ValueTask DisposeAsync()
    {
        await App.StopAsync();
        await App.DisposeAsync();
        _kv.Dispose();
        Http.Dispose();
        if (!_keepsFolder && Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }
}
