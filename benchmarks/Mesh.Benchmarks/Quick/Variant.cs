namespace Mesh.Benchmarks.Quick;

/// <summary>One way to make a call, measured beside the others.</summary>
/// <param name="key">Names it in code.</param>
/// <param name="title">Names it in the table.</param>
/// <param name="sender">An <see cref="HttpClient"/> or the bare invoker it derives from.</param>
/// <param name="readsStream">The body is read by stream; else by whoever buffers it, or there is none.</param>
internal sealed class Variant(string key, string title, HttpMessageInvoker sender, bool readsStream = false)
{
    private readonly byte[] _buffer = new byte[4096];

    public string Key => key;

    public string Title => title;

    /// <summary>Makes the request; one per call, as applications do.</summary>
    public Func<HttpRequestMessage> Request { get; init; } =
        static () => new HttpRequestMessage(HttpMethod.Get, Subjects.MeshUnderTest.Address);

    /// <summary>Attaches what listens while this variant runs, and only then.</summary>
    public Func<IDisposable>? Listen { get; init; }

    /// <summary>Makes so many calls, one after the other.</summary>
    public async Task RunAsync(int calls)
    {
        for (var i = 0; i < calls; i++)
        {
            using var request = Request();
            using var response = await sender.SendAsync(request, CancellationToken.None);
            if (!response.IsSuccessStatusCode)
            {
                throw new InvalidOperationException($"'{title}' answered {(int)response.StatusCode}.");
            }

            if (readsStream)
            {
                await ReadAsync(response);
            }
        }
    }

    private async ValueTask ReadAsync(HttpResponseMessage response)
    {
        var stream = await response.Content.ReadAsStreamAsync();
        while (await stream.ReadAsync(_buffer) > 0)
        {
        }
    }
}
