using System.Net;

namespace Mesh.Scenarios.Service;

/// <summary>Calls on, one service after the other.</summary>
internal sealed class NextHops(IHttpClientFactory clients, ServiceSettings settings)
{
    public const string Client = "next";

    /// <summary>The answers, one line for each service that was called; nothing when there is no hop left.</summary>
    /// <param name="method">GET or POST.</param>
    /// <param name="path">The path, which every service understands alike.</param>
    /// <param name="hops">How many services are still to be called in a row.</param>
    /// <param name="cancellationToken">The caller's.</param>
    public async Task<string> CallAsync(HttpMethod method, string path, int hops, CancellationToken cancellationToken)
    {
        var answers = "";
        foreach (var next in hops > 0 ? settings.Next : [])
        {
            var client = clients.CreateClient(Client);
            using var request = new HttpRequestMessage(method, new Uri(next, $"{path}?hops={hops - 1}"));
            if (next.Fragment == "#h2")
            {
                (request.Version, request.VersionPolicy) =
                    (HttpVersion.Version20, HttpVersionPolicy.RequestVersionExact);
            }

            if (method == HttpMethod.Post)
            {
                request.Content = new ByteArrayContent([]);
            }

            using var response = await client.SendAsync(request, cancellationToken);
            var answer = await response.Content.ReadAsStringAsync(cancellationToken);
            answers += response.IsSuccessStatusCode
                ? "\n" + answer
                : throw new HttpRequestException($"{next} answered {(int)response.StatusCode}: {answer}");
        }

        return answers;
    }
}
