using static Mesh.Benchmarks.Quick.Lineup;

namespace Mesh.Benchmarks.Quick;

/// <summary>The promises of a call's cost, held against a run.</summary>
internal static class Gates
{
    /// <summary>Bytes are exact and fail a run; times are ratios to a neighbour of the same rounds.</summary>
    public static IEnumerable<Gate> Of(Measurements run)
    {
        yield return Bytes("added on an invoker, answered at once, no body", 0, Added(run, BareMesh, Bare, false));
        yield return Bytes("added on an invoker, suspended, no body", 200, Added(run, BareMesh, Bare, true));
        yield return Bytes("more with a body, answered at once, read by stream", 350, More(run, BareMesh, Bare, false));
        yield return Bytes("more with a body, suspended, read by stream", 350, More(run, BareMesh, Bare, true));
        yield return Bytes(
            "added behind HttpClient, answered at once, no body", 0, Added(run, ClientMesh, PlainClient, false));
        yield return Bytes(
            "added behind HttpClient, suspended, no body (P3)", 256, Added(run, ClientMesh, PlainClient, true));
        yield return Bytes(
            "more with a body that HttpClient buffers, suspended", 350, More(run, ClientMesh, PlainClient, true));
        yield return Bytes(
            "added with a recorded span and metrics (P4)", 1024,
            run.Bytes(Telemetry) - run.Bytes(Key(PlainClient, true, false)));
        yield return Bytes("added to a gRPC-shaped call (P16)", 456, run.Bytes(GrpcMesh) - run.Bytes(Grpc));
        yield return Time("behind HttpClient, answered at once (P1)", 1.8, run, suspends: false);
        yield return Time("behind HttpClient, suspended (P2)", 2.0, run, suspends: true);
    }

    private static Gate Bytes(string text, double limit, double measured) =>
        new($"bytes {text}", measured, limit, "B", IsHard: true);

    private static Gate Time(string text, double limit, Measurements run, bool suspends) => new(
        $"time by plain HttpClient's, {text}",
        run.Ratio(Key(ClientMesh, suspends, false), Key(PlainClient, suspends, false)).Median,
        limit,
        "x",
        IsHard: false);

    private static double Added(Measurements run, string way, string baseline, bool suspends, bool hasBody = false) =>
        run.Bytes(Key(way, suspends, hasBody)) - run.Bytes(Key(baseline, suspends, hasBody));

    private static double More(Measurements run, string way, string baseline, bool suspends) =>
        Added(run, way, baseline, suspends, hasBody: true) - Added(run, way, baseline, suspends);
}
