using System.Text.Json;
using Mesh.Testing;

namespace Mesh.Scenarios.Tests.Adoption;

/// <summary>
/// A caller as fleets have them: a plain HttpClient, and addresses that it reads from Consul's health API every so often.
/// It takes them in turn and repeats nothing.
/// </summary>
internal sealed class OldCaller : IAdoptionCaller, IAsyncDisposable
{
    /// <summary>How old its addresses may be: what takes an instance out has to wait longer before it stops it.</summary>
    public static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(100);

    private readonly HttpClient _consul;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _refreshing;
    private volatile Uri[] _addresses;
    private int _turn;

    private OldCaller(HttpClient consul, Uri[] addresses)
    {
        (_consul, _addresses) = (consul, addresses);
        _refreshing = Task.Run(RefreshAsync);
    }

    public static async Task<OldCaller> StartAsync(ConsulAgent agent)
    {
        var consul = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = agent.Address };
        consul.DefaultRequestHeaders.Add("X-Consul-Token", agent.ManagementToken);
        return new OldCaller(consul, await ReadAsync(consul));
    }

    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        var addresses = _addresses;
        var address = addresses[(int)((uint)Interlocked.Increment(ref _turn) % addresses.Length)];
        using var request = new HttpRequestMessage(method, new Uri(address, path)) { Content = content };
        return await _client.SendAsync(request);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _refreshing;
        _client.Dispose();
        _consul.Dispose();
        _stop.Dispose();
    }

    private static async Task<Uri[]> ReadAsync(HttpClient consul)
    {
        await using var answer = await consul.GetStreamAsync($"/v1/health/service/{AdoptionFleet.Service}?passing");
        using var document = await JsonDocument.ParseAsync(answer);
        return
        [
            .. document.RootElement.EnumerateArray().Select(e => e.GetProperty("Service")).Select(
                s => new Uri($"http://{s.GetProperty("Address").GetString()}:{s.GetProperty("Port").GetInt32()}")),
        ];
    }

    private async Task RefreshAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            if (await ReadAsync(_consul) is { Length: > 0 } addresses)
            {
                _addresses = addresses;
            }

            await Task.Delay(Refresh);
        }
    }
}
