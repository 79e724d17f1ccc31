using System.Diagnostics;
using Mesh.Benchmarks.Subjects;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.Benchmarks.Quick;

/// <summary>Single parts, each in a few hundred milliseconds; BenchmarkDotNet measures them with patience.</summary>
internal static class Parts
{
    /// <summary>Attempts of each thread of <see cref="Contended"/>.</summary>
    public const int ContendedOperations = 400_000;

    /// <summary>Pick and statistics of a whole attempt, by two threads and by one (P15): at most 1.5 times.</summary>
    public const double ThreadLimit = 1.5;

    /// <summary>Bytes of an endpoint that is known and has no connection (P14).</summary>
    public const double EndpointLimit = 4096;

    private const int Rounds = 7;
    private static readonly StubShape Shape = new(Suspends: false);

    public static IEnumerable<Part> Measure()
    {
        foreach (var count in new[] { 3, 50, 1000 })
        {
            using var mesh = new MeshUnderTest(Shape, count);
            yield return new Part($"pick, peak-EWMA, {count} endpoints", Time(1_000_000, _ => Pick(mesh.Group)));
        }

        yield return Route();
        foreach (var count in new[] { 10, 10_000 })
        {
            yield return Update(count);
        }

        yield return Policy();
        yield return Decoding();
    }

    /// <summary>
    /// Nanoseconds of pick, begin, observe and end, with so many threads at once. Of processor time: what threads cost
    /// each other is stalls, which it holds, while time stolen by other processes it leaves out.
    /// </summary>
    public static double Contended(MeshUnderTest mesh, int threads)
    {
        using var start = new Barrier(threads + 1);
        var workers = Enumerable.Range(0, threads).Select(_ => new Thread(() =>
        {
            start.SignalAndWait();
            for (var i = 0; i < ContendedOperations; i++)
            {
                Attempt(mesh.Group);
            }
        })).ToArray();
        Array.ForEach(workers, static worker => worker.Start());
        start.SignalAndWait();
        var used = Environment.CpuUsage.TotalTime;
        Array.ForEach(workers, static worker => worker.Join());
        return (Environment.CpuUsage.TotalTime - used).TotalNanoseconds / ContendedOperations / threads;
    }

    /// <summary>Two threads by one, rounds paired.</summary>
    public static Spread Threads()
    {
        using var mesh = new MeshUnderTest(Shape, endpoints: 10);
        Contended(mesh, 2);
        return Spread.Of(Enumerable.Range(0, Rounds).Select(_ =>
        {
            var alone = Contended(mesh, 1);
            return Contended(mesh, 2) / alone;
        }).ToArray());
    }

    /// <summary>Bytes a known endpoint keeps, its description included.</summary>
    public static double BytesPerEndpoint()
    {
        const int Count = 10_000;
        using var mesh = new MeshUnderTest(Shape, endpoints: 1);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        mesh.Upstream.ApplyEndpoints(EndpointInfos.Snapshot(Count));
        var after = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(mesh);
        return (double)(after - before) / Count;
    }

    private static Part Route()
    {
        using var mesh = new MeshUnderTest(Shape, policy: PolicyDocuments.Effective());
        using var request = new HttpRequestMessage(HttpMethod.Get, MeshUnderTest.Address);
        var runtime = mesh.Upstream.Runtime!;
        return new Part("route, the last of 4 taken", Time(300_000, _ => runtime.Route(request)));
    }

    private static Part Update(int count)
    {
        using var mesh = new MeshUnderTest(Shape, count);
        var first = EndpointInfos.Snapshot(count);
        var second = EndpointInfos.WithOneChanged(first, count / 2);
        return new Part(
            $"endpoint update, 1 of {count:N0} changed",
            Time(Math.Max(20, 100_000 / count), i => mesh.Upstream.ApplyEndpoints(i % 2 == 0 ? second : first)));
    }

    private static Part Policy()
    {
        using var mesh = new MeshUnderTest(Shape);
        var policies = new[] { PolicyDocuments.Effective(), PolicyDefaults.For(MeshUnderTest.Service) };
        return new Part(
            "policy apply, 4 routes and 2 subsets",
            Time(5_000, i => mesh.Upstream.ApplyPolicy(policies[i % 2], "bench")));
    }

    private static Part Decoding()
    {
        using var consul = new RecordedConsul(instances: 10_000);
        return new Part(
            $"health answer of 10,000 instances ({consul.Bytes / 1e6:0.0} MB), decoded",
            Time(3, _ => consul.ReadAsync().GetAwaiter().GetResult()));
    }

    private static void Pick(EndpointGroup group) =>
        group.Pick(new PickContext(Stopwatch.GetTimestamp(), [], replaceable: true, hashKey: null));

    private static void Attempt(EndpointGroup group)
    {
        var now = Stopwatch.GetTimestamp();
        var endpoint = group.Pick(new PickContext(now, [], replaceable: true, hashKey: null))!;
        endpoint.Begin();
        endpoint.Observe(now, Stopwatch.GetTimestamp(), AttemptOutcome.Success);
        endpoint.End();
    }

    private static string Time(int operations, Action<int> operation)
    {
        for (var i = 0; i < Math.Min(operations, 40_000); i++)
        {
            operation(i);
        }

        var bytes = 0.0;
        var spread = Spread.Of(Enumerable.Range(0, Rounds).Select(_ =>
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var started = Stopwatch.GetTimestamp();
            for (var i = 0; i < operations; i++)
            {
                operation(i);
            }

            var elapsed = Stopwatch.GetElapsedTime(started).TotalNanoseconds / operations;
            bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / operations;
            return elapsed;
        }).ToArray());
        return $"{Duration(spread.Median)} ({Duration(spread.Least)}–{Duration(spread.Most)}), {bytes:N0} B";
    }

    private static string Duration(double nanoseconds) => nanoseconds switch
    {
        < 1e4 => $"{nanoseconds:0} ns",
        < 1e7 => $"{nanoseconds / 1e3:0} µs",
        _ => $"{nanoseconds / 1e6:0} ms",
    };
}
