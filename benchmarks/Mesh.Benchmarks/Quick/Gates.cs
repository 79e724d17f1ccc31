using static Mesh.Benchmarks.Quick.Lineup;

namespace Mesh.Benchmarks.Quick;

/// <summary>The promises of a call's cost, held against a run.</summary>
internal static class Gates
{
    /// <summary>Bytes first: they are exact, and fail a run; times are ratios to a neighbour of the same rounds.</summary>
    public static IReadOnlyList<Gate> Of(Measurements run) =>
    [
        new("bytes added on an invoker, answered at once, no body", Added(run, BareMesh, Bare, false, false), 0, "B", true),
        new("bytes added on an invoker, suspended, no body", Added(run, BareMesh, Bare, true, false), 200, "B", true),
        new("bytes more with a body, answered at once, read by stream", More(run, BareMesh, Bare, false), 350, "B", true),
        new("bytes more with a body, suspended, read by stream", More(run, BareMesh, Bare, true), 350, "B", true),
        new("bytes added behind HttpClient, answered at once, no body", Added(run, ClientMesh, PlainClient, false, false), 0, "B", true),
        new("bytes added behind HttpClient, suspended, no body (P3)", Added(run, ClientMesh, PlainClient, true, false), 256, "B", true),
        new("bytes more with a body that HttpClient buffers, suspended", More(run, ClientMesh, PlainClient, true), 350, "B", true),
        new("bytes added with a recorded span and metrics (P4)",
            run.Bytes(Telemetry) - run.Bytes(Key(PlainClient, true, false)), 1024, "B", true),
        new("bytes added to a gRPC-shaped call (P16)", run.Bytes(GrpcMesh) - run.Bytes(Grpc), 456, "B", true),
        new("time behind HttpClient by plain HttpClient, answered at once (P1)", Ratio(run, ClientMesh, false), 1.8, "x", false),
        new("time behind HttpClient by plain HttpClient, suspended (P2)", Ratio(run, ClientMesh, true), 2.0, "x", false),
    ];

    private static double Ratio(Measurements run, string way, bool suspends) =>
        run.Ratio(Key(way, suspends, false), Key(PlainClient, suspends, false)).Median;

    private static double Added(Measurements run, string way, string baseline, bool suspends, bool hasBody) =>
        run.Bytes(Key(way, suspends, hasBody)) - run.Bytes(Key(baseline, suspends, hasBody));

    private static double More(Measurements run, string way, string baseline, bool suspends) =>
        Added(run, way, baseline, suspends, true) - Added(run, way, baseline, suspends, false);
}
