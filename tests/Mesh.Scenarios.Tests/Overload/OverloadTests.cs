using System.Collections.Concurrent;
using System.Net;
using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Overload;

/// <summary>A service under three times what it can do.</summary>
public sealed class OverloadTests(ITestOutputHelper output)
{
    /// <summary>Four connections of a pool, 20 ms each.</summary>
    private const int Capacity = 200;

    private static readonly TimeSpan Deadline = TimeSpan.FromMilliseconds(300);
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Counted = TimeSpan.FromSeconds(4);

    [Fact]
    public Task Overload_WithAnAdaptiveLimit_MostIsStillAnsweredInTime_AndWhatMattersLessGoesFirst() =>
        Scenario.RunAsync(
        output,
        async s =>
        {
            await s.Operator.PutPolicyAsync("guarded", """{ "schema": 1, "inbound": { "concurrency": "adaptive" } }""");
            await s.StartServiceAsync("bare", "bare-1");
            await s.StartServiceAsync("guarded", "guarded-1");
            var caller = await s.StartCallerAsync();

            var without = await LoadAsync(caller, "bare");
            var with = await LoadAsync(caller, "guarded");

            var (bare, guarded) = (Good(without), Good(with));
            s.Figure("offered", without.Count);
            s.Figure("goodWithout", bare);
            s.Figure("goodWith", guarded);
            s.Figure("capacity", Capacity * Counted.TotalSeconds);
            s.Figure("shedCritical", Shed(with, MeshCriticality.Critical));
            s.Figure("shedSheddable", Shed(with, MeshCriticality.Sheddable));
            Assert.True(
                guarded > 0.4 * Capacity * Counted.TotalSeconds && guarded > 2 * bare,
                $"{guarded} answers in time with a limit, {bare} without, of {Capacity * Counted.TotalSeconds} that are possible.");
            Assert.True(
                Shed(with, MeshCriticality.Sheddable) > Shed(with, MeshCriticality.Critical),
                "Critical calls were turned away rather than sheddable ones.");
            Assert.Equal(0, caller.Count(MeshTelemetry.EndpointEjections));
        });

    /// <summary>
    /// What became of the calls, once half of what can be done was done for a while, and then the load.
    /// </summary>
    private static async Task<List<(MeshCriticality Criticality, HttpStatusCode? Status)>> LoadAsync(
        MeshCaller caller, string service)
    {
        await RunAsync(caller, service, Capacity / 2, WarmUp, TimeSpan.Zero);
        return await RunAsync(caller, service, 3 * Capacity, Settling, Counted);
    }

    private static async Task<List<(MeshCriticality Criticality, HttpStatusCode? Status)>> RunAsync(
        MeshCaller caller, string service, int rate, TimeSpan before, TimeSpan counted)
    {
        var calls = new ConcurrentQueue<(TimeSpan At, MeshCriticality Criticality, HttpStatusCode? Status)>();
        PacedCalls? load = null;
        await using var owned = load = new PacedCalls(workers: 300, rate, async number =>
        {
            var at = load!.Elapsed;
            var (status, criticality) = await CallAsync(
                caller, service, number % 2 == 0 ? MeshCriticality.Critical : MeshCriticality.Sheddable);
            calls.Enqueue((at, criticality, status));
        });
        load.Start();
        await Task.Delay(before + counted);
        await load.StopAsync();
        return [.. calls.Where(c => c.At >= before && c.At < before + counted).Select(c => (c.Criticality, c.Status))];
    }

    /// <summary>The status; none when no answer came in time.</summary>
    private static async Task<(HttpStatusCode? Status, MeshCriticality Criticality)> CallAsync(
        MeshCaller caller, string service, MeshCriticality criticality)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"http://{service}/pool");
        request.Options.Set(MeshRequestOptions.Deadline, Deadline);
        request.Options.Set(MeshRequestOptions.Criticality, criticality);
        request.Options.Set(MeshRequestOptions.NoRetry, true);
        try
        {
            using var answer = await caller.Client.SendAsync(request);
            return (answer.StatusCode, criticality);
        }
        catch (OperationCanceledException)
        {
            return (null, criticality);
        }
    }

    private static int Good(IEnumerable<(MeshCriticality Criticality, HttpStatusCode? Status)> calls) =>
        calls.Count(c => c.Status == HttpStatusCode.OK);

    private static int Shed(
        IEnumerable<(MeshCriticality Criticality, HttpStatusCode? Status)> calls, MeshCriticality criticality) =>
        calls.Count(c => c.Criticality == criticality && c.Status == HttpStatusCode.ServiceUnavailable);
}
