using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Http.Headers;
using Mesh.Benchmarks.Subjects;
using Mesh.Client;

namespace Mesh.Benchmarks.Quick;

/// <summary>
/// The variants of a quick run: each way to call, over a stub that answers at once and one that suspends, without and
/// with a body. Keys are <c>way/stub/body</c>.
/// </summary>
internal sealed class Lineup : IDisposable
{
    public const string Bare = "bare";
    public const string BareMesh = "bare+mesh";
    public const string PlainClient = "client";
    public const string ClientMesh = "client+mesh";
    public const string ClientPolly = "client+polly";
    public const string Telemetry = "telemetry";
    public const string Grpc = "grpc";
    public const string GrpcMesh = "grpc+mesh";

    private static readonly MediaTypeHeaderValue GrpcType = new("application/grpc");
    private static readonly byte[] GrpcMessage = new byte[64];

    private readonly List<MeshUnderTest> _meshes = [];

    public Lineup()
    {
        foreach (var suspends in new[] { false, true })
        {
            foreach (var hasBody in new[] { false, true })
            {
                Add(new StubShape(suspends, hasBody));
            }
        }

        AddTelemetry();
        AddGrpc();
    }

    public List<Variant> Variants { get; } = [];

    public static string Key(string way, bool suspends, bool hasBody) =>
        $"{way}/{(suspends ? "suspending" : "completed")}/{(hasBody ? "body" : "empty")}";

    public void Dispose()
    {
        foreach (var mesh in _meshes)
        {
            mesh.Dispose();
        }
    }

    private void Add(StubShape shape)
    {
        Add(Bare, "HttpMessageInvoker", shape, new HttpMessageInvoker(Stub(shape)));
        Add(BareMesh, "the mesh on an HttpMessageInvoker", shape, new HttpMessageInvoker(Mesh(shape)));
        Add(PlainClient, "HttpClient", shape, new HttpClient(Stub(shape)));
        Add(ClientMesh, "the mesh behind HttpClient", shape, new HttpClient(Mesh(shape)));
        Add(ClientPolly, "Polly.Core, 4 strategies, behind HttpClient", shape,
            new HttpClient(new PollyHandler(Stub(shape))));
    }

    private void Add(string way, string title, StubShape shape, HttpMessageInvoker sender)
    {
        var readsStream = shape.HasBody && sender is not HttpClient;
        Variants.Add(new Variant(Key(way, shape.Suspends, shape.HasBody), title, sender, readsStream));
    }

    private void AddTelemetry()
    {
        var shape = new StubShape(Suspends: true, MakesSpan: true);
        var mesh = Under(shape);
        var sender = new HttpClient(mesh.CreateHandler(Stub(shape)));
        Variants.Add(new Variant(Telemetry, "the mesh behind HttpClient, span and metrics recorded", sender)
        {
            Listen = () => new Listeners(mesh.Meter),
        });
    }

    private void AddGrpc()
    {
        var shape = new StubShape(Suspends: true, HasBody: true, IsGrpc: true);
        AddGrpc(Grpc, "gRPC-shaped call on an HttpMessageInvoker", Stub(shape));
        AddGrpc(GrpcMesh, "the same through the mesh", Mesh(shape));
    }

    private void AddGrpc(string key, string title, HttpMessageHandler handler) => Variants.Add(
        new Variant(key, title, new HttpMessageInvoker(handler), readsStream: true) { Request = CreateGrpcRequest });

    private static HttpRequestMessage CreateGrpcRequest() => new(HttpMethod.Post, MeshUnderTest.Address)
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionOrHigher,
        Content = new ByteArrayContent(GrpcMessage) { Headers = { ContentType = GrpcType } },
    };

    private static StubHandler Stub(StubShape shape) => new(new StubAnswers(shape));

    private HttpMessageHandler Mesh(StubShape shape) => Under(shape).CreateHandler(Stub(shape));

    private MeshUnderTest Under(StubShape shape)
    {
        var mesh = new MeshUnderTest(shape);
        _meshes.Add(mesh);
        return mesh;
    }

    /// <summary>Records everything of one mesh, and the stub's spans, and throws it away.</summary>
    private sealed class Listeners : IDisposable
    {
        private readonly MeterListener _meters = new();
        private readonly ActivityListener _spans;

        public Listeners(Meter meter)
        {
            _meters.InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter, meter))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _meters.SetMeasurementEventCallback<double>(static (_, _, _, _) => { });
            _meters.SetMeasurementEventCallback<long>(static (_, _, _, _) => { });
            _meters.Start();
            _spans = new ActivityListener
            {
                ShouldListenTo = static source =>
                    source == StubAnswers.Spans || source.Name == MeshTelemetry.ActivitySourceName,
                Sample = static (ref ActivityCreationOptions<ActivityContext> _) =>
                    ActivitySamplingResult.AllDataAndRecorded,
            };
            ActivitySource.AddActivityListener(_spans);
        }

        public void Dispose()
        {
            _meters.Dispose();
            _spans.Dispose();
        }
    }
}
