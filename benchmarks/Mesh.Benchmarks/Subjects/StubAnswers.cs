using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;

namespace Mesh.Benchmarks.Subjects;

/// <summary>
/// What stands in for the network, the same for every variant. What it allocates itself is in every row, and so in no
/// difference between rows. While it waits it listens to the token it was given, as a connection does: a client whose
/// own timeout makes a new token for each call pays for that with any handler.
/// </summary>
internal sealed class StubAnswers(StubShape shape)
{
    /// <summary>Where the stub's spans come from, when it makes one per attempt as the platform does.</summary>
    public static readonly ActivitySource Spans = new("Mesh.Benchmarks.Stub");

    private static readonly MediaTypeHeaderValue GrpcType = new("application/grpc");
    private static readonly byte[] Body = CreateBody();

    public Task<HttpResponseMessage> SendAsync(CancellationToken cancellationToken) =>
        shape.Suspends ? SuspendAsync(cancellationToken) : Task.FromResult(Create());

    public HttpResponseMessage Create()
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK);
        if (shape.HasBody)
        {
            response.Content = new StubContent(Body);
        }

        if (shape.IsGrpc)
        {
            response.Content.Headers.ContentType = GrpcType;
            response.TrailingHeaders.TryAddWithoutValidation("grpc-status", "0");
        }

        return response;
    }

    private static byte[] CreateBody()
    {
        var body = new byte[200];
        Array.Fill(body, (byte)'x');
        return body;
    }

    private async Task<HttpResponseMessage> SuspendAsync(CancellationToken cancellationToken)
    {
        using var listening = cancellationToken.UnsafeRegister(static _ => { }, null);
        using var span = shape.MakesSpan ? Spans.StartActivity("GET", ActivityKind.Client) : null;
        span?.SetTag("http.request.method", "GET").SetTag("server.address", MeshUnderTest.Service);
        await Task.Yield();
        span?.SetTag("http.response.status_code", 200);
        return Create();
    }
}
