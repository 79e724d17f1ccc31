using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Inspection;

/// <summary>Looking costs those who look, not the calls.</summary>
public sealed class InspectionCostTests
{
    private const int Calls = 5_000;

    [Fact]
    public async Task Calls_WhileOthersLook_AllocateWhatTheyDoOtherwise()
    {
        await using var app = await InspectedApp.StartAsync();
        app.With("orders", [.. Enumerable.Range(0, 50).Select(i => InspectedApp.Endpoint($"e{i}"))]);
        var handler = app.App.Services.GetRequiredService<IMeshHandlerFactory>().CreateHandler();
        using var invoker = new HttpMessageInvoker(handler);
        Measure(invoker, app);
        var alone = Measure(invoker, app);
        using var end = new CancellationTokenSource();
        var looks = 0;
        var looking = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                await app.MeshAsync();
                await app.TextAsync("url=http://orders/");
                Interlocked.Increment(ref looks);
            }
        })).ToArray();

        await Eventually.TrueAsync(() => Volatile.Read(ref looks) > 5, "the first looks");
        var before = Volatile.Read(ref looks);
        var watched = long.MaxValue;
        do
        {
            watched = Math.Min(watched, Measure(invoker, app));
        }
        while (Volatile.Read(ref looks) < before + 10);

        await end.CancelAsync();
        await Task.WhenAll(looking);
        Assert.Equal(alone / Calls, watched / Calls);
    }

    /// <summary>Bytes that so many calls allocate on this thread; they are answered at once.</summary>
    private static long Measure(HttpMessageInvoker invoker, InspectedApp app)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/");
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < Calls; i++)
        {
            invoker.SendAsync(request, CancellationToken.None).GetAwaiter().GetResult().Dispose();
        }

        var bytes = GC.GetAllocatedBytesForCurrentThread() - before;
        app.Transports.Asked.Clear();
        return bytes;
    }
}
