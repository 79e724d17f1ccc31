using System.Net;
using Mesh.Client.Tests.Support;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>
/// A server that ends its HTTP/2 connections while requests are on their way: what it says that it did not process is sent
/// again, also a POST; what it may have processed is not.
/// </summary>
public sealed class GoAwayTests
{
    [Fact]
    public async Task Post_DisownedByGoAway_IsAnsweredAndProcessedOnce()
    {
        await using var stopping = await RawHttp2Backend.StartAsync("stopping");
        stopping.Enqueue(RawHttp2Answer.GoAwayUnprocessed);
        using var mesh = SocketMesh.To(stopping.Port);
        using var client = mesh.HttpClient();

        using var response = await client.SendAsync(Post());

        Assert.Equal("stopping", await response.Content.ReadAsStringAsync());
        Assert.Equal(2, stopping.RequestCount);
    }

    [Fact]
    public async Task Post_OnTheLastStreamOfAConnectionThatClosed_IsNotRepeated()
    {
        await using var stopping = await RawHttp2Backend.StartAsync("stopping");
        stopping.Enqueue(RawHttp2Answer.GoAwayThenClose);
        using var mesh = SocketMesh.To(stopping.Port);
        using var client = mesh.HttpClient();

        var failure = await Assert.ThrowsAsync<MeshException>(() => client.SendAsync(Post()));

        Assert.Equal(MeshFailureReason.Reset, failure.Reason);
        Assert.Equal(1, stopping.RequestCount);
    }

    private static HttpRequestMessage Post() => new(HttpMethod.Post, "http://orders/")
    {
        Version = HttpVersion.Version20,
        VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        Content = new ByteArrayContent([1, 2, 3]),
    };
}
