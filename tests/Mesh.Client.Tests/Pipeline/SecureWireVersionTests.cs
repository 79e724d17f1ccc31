using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;

namespace Mesh.Client.Tests.Pipeline;

public sealed class SecureWireVersionTests
{
    private const HttpVersionPolicy Lower = HttpVersionPolicy.RequestVersionOrLower;
    private const HttpVersionPolicy Exact = HttpVersionPolicy.RequestVersionExact;
    private const HttpVersionPolicy Higher = HttpVersionPolicy.RequestVersionOrHigher;

    private static readonly EndpointInfo Both = SecureMesh.Endpoint("a", 1);
    private static readonly EndpointInfo Old = SecureMesh.Endpoint("a", 1, protocols: "http1");

    [Theory]
    [InlineData("http", "1.1", Lower, "2.0")]
    [InlineData("https", "1.1", Lower, "2.0")]
    [InlineData("http", "2.0", Lower, "2.0")]
    [InlineData("http", "1.1", Higher, "2.0")]
    [InlineData("http", "3.0", Exact, "2.0")]
    [InlineData("http", "1.1", Exact, "1.1")]
    [InlineData("http", "1.0", Lower, "1.0")]
    [InlineData("ws", "1.1", Lower, "1.1")]
    [InlineData("wss", "2.0", Lower, "1.1")]
    public void For_AskedVersion_IsOneExactVersion(string scheme, string version, HttpVersionPolicy policy, string sent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"{scheme}://orders/")
        {
            Version = Version.Parse(version), VersionPolicy = policy,
        };

        Assert.Equal(
            (Version.Parse(sent), Exact), SecureWireVersion.For(request, Both, TransportProtocol.Auto, isGrpc: false));
    }

    [Theory]
    [InlineData(TransportProtocol.Auto, "2.0", "1.1")]
    [InlineData(TransportProtocol.Http1, "1.1", "1.1")]
    [InlineData(TransportProtocol.Http2, "2.0", "2.0")]
    public void For_Policy_DecidesForBodiesOfEverySize(TransportProtocol protocol, string small, string big)
    {
        using var one = new HttpRequestMessage(HttpMethod.Post, "http://orders/") { Content = new ByteArrayContent([1]) };
        using var other = new HttpRequestMessage(HttpMethod.Post, "http://orders/")
        {
            Content = new ByteArrayContent(new byte[SecureWireVersion.LargestSharedBody + 1]),
        };

        Assert.Equal(small, SecureWireVersion.For(one, Both, protocol, isGrpc: false).Version.ToString());
        Assert.Equal(big, SecureWireVersion.For(other, Both, protocol, isGrpc: false).Version.ToString());
    }

    [Fact]
    public void For_EndpointWithoutHttp2_IsHttp11ExceptForGrpc()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/");

        Assert.Equal(
            "1.1", SecureWireVersion.For(request, Old, TransportProtocol.Http2, isGrpc: false).Version.ToString());
        Assert.Equal(
            "2.0", SecureWireVersion.For(request, Old, TransportProtocol.Http1, isGrpc: true).Version.ToString());
    }

    [Theory]
    [InlineData("Upgrade", "websocket")]
    [InlineData("Connection", "close")]
    [InlineData("Transfer-Encoding", "chunked")]
    public void For_HeadersThatHttp2DoesNotHave_IsHttp11(string header, string value)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/");
        request.Headers.TryAddWithoutValidation(header, value);

        Assert.Equal(
            "1.1", SecureWireVersion.For(request, Both, TransportProtocol.Http2, isGrpc: false).Version.ToString());
    }

    [Fact]
    public void For_BlockingCall_IsHttp11()
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "http://orders/");

        var (version, _) = SecureWireVersion.For(request, Both, TransportProtocol.Http2, isGrpc: false, isSync: true);
        Assert.Equal("1.1", version.ToString());
    }

    [Fact]
    public void For_WebSocketOverHttp2_StaysHttp2()
    {
        using var request = new HttpRequestMessage(HttpMethod.Connect, "ws://orders/");

        Assert.Equal(
            "2.0", SecureWireVersion.For(request, Both, TransportProtocol.Auto, isGrpc: false).Version.ToString());
    }
}
