using System.Collections.Concurrent;
using System.Text.Json;
using Mesh.Testing;

namespace Mesh.Scenarios.Tests.Adoption;

/// <summary>Looks at every change of a service in Consul for an instance that is registered twice.</summary>
internal sealed class CatalogWatch : IAsyncDisposable
{
    private readonly ConcurrentQueue<string> _duplicates = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly HttpClient _consul;
    private readonly Task _watching;
    private int _changes;

    public CatalogWatch(ConsulAgent agent)
    {
        _consul = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = agent.Address };
        _consul.DefaultRequestHeaders.Add("X-Consul-Token", agent.ManagementToken);
        _watching = Task.Run(WatchAsync);
    }

    /// <summary>Answers looked at.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>Addresses that stood in the catalog more than once, with the ids under which they did.</summary>
    public IReadOnlyCollection<string> Duplicates => _duplicates;

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _watching;
        _consul.Dispose();
        _stop.Dispose();
    }

    private async Task WatchAsync()
    {
        var index = "1";
        try
        {
            while (true)
            {
                using var answer = await _consul.GetAsync(
                    $"/v1/health/service/{AdoptionFleet.Service}?index={index}&wait=10s", _stop.Token);
                index = answer.EnsureSuccessStatusCode().Headers.GetValues("X-Consul-Index").Single();
                using var document = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(_stop.Token));
                Look(document.RootElement);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The test is over.
        }
    }

    private void Look(JsonElement instances)
    {
        Interlocked.Increment(ref _changes);
        var addresses = instances.EnumerateArray().Select(e => e.GetProperty("Service"))
            .GroupBy(s => $"{s.GetProperty("Address").GetString()}:{s.GetProperty("Port").GetInt32()}");
        foreach (var same in addresses.Where(a => a.Count() > 1))
        {
            _duplicates.Enqueue($"{same.Key} as {string.Join(", ", same.Select(s => s.GetProperty("ID").GetString()))}");
        }
    }
}
