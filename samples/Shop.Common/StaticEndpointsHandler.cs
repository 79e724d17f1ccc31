namespace Shop.Common;

/// <summary>Life without the mesh: each call goes to one of a fixed list of addresses, drawn at random.</summary>
public sealed class StaticEndpointsHandler(IReadOnlyDictionary<string, string[]> endpoints, int seed) : DelegatingHandler
{
    private readonly Lock _lock = new();
    private readonly Random _random = new(seed);

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        if (request.RequestUri is { } uri && endpoints.TryGetValue(uri.Host, out var addresses))
        {
            string address;
            lock (_lock)
            {
                address = addresses[_random.Next(addresses.Length)];
            }

            request.RequestUri = new Uri($"http://{address}{uri.PathAndQuery}");
        }

        return base.SendAsync(request, cancellationToken);
    }
}
