using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>What a gRPC server hears of the attempts before.</summary>
public sealed class GrpcAttemptHeaderTests
{
    private const string Header = "grpc-previous-rpc-attempts";

    [Theory]
    [InlineData(null, "1")]
    [InlineData("2", "3")]
    public async Task Retry_CountsOnFromWhatTheClientCounted(string? before, string onRetry)
    {
        using var mesh = new TestMesh().WithEndpoints(2);
        var seen = new List<string?>();
        mesh.Stubs.Always((_, request, _) =>
        {
            seen.Add(Value(request));
            return Task.FromResult(seen.Count == 1
                ? ScriptedTransports.Response(200, ("grpc-status", "14"))
                : new HttpResponseMessage());
        });
        using var invoker = mesh.Invoker();
        using var request = TestMesh.Post(new ByteArrayContent([0, 0, 0, 0, 0]));
        request.Version = HttpVersion.Version20;
        request.Content!.Headers.ContentType = new MediaTypeHeaderValue("application/grpc");
        request.Options.Set(MeshRequestOptions.Idempotent, true);
        if (before is not null)
        {
            request.Headers.Add(Header, before);
        }

        using var response = await invoker.SendAsync(request, CancellationToken.None);

        Assert.Equal([before, onRetry], seen);
        Assert.Equal(before, Value(request));
    }

    private static string? Value(HttpRequestMessage request) =>
        request.Headers.TryGetValues(Header, out var values) ? string.Join(", ", values) : null;
}
