using Mesh.Client.Discovery;

namespace Mesh.Client.Tests.Discovery;

public sealed class StaticEndpointTests
{
    [Theory]
    [InlineData("127.0.0.1:5001", "127.0.0.1", 5001)]
    [InlineData("orders-1.internal:80", "orders-1.internal", 80)]
    [InlineData("http://10.0.0.7:8080", "10.0.0.7", 8080)]
    [InlineData("HTTP://10.0.0.7:8080/", "10.0.0.7", 8080)]
    [InlineData("http://orders", "orders", 80)]
    [InlineData("[::1]:5001", "::1", 5001)]
    [InlineData("http://[fd00::7]:8080", "fd00::7", 8080)]
    [InlineData("http://[fd00::7]", "fd00::7", 80)]
    public void TryParse_ValidForms_GiveHostAndPort(string text, string host, int port)
    {
        Assert.True(StaticEndpoint.TryParse(text, out var endpoint, out var problem), problem);

        Assert.Equal((host, port), (endpoint.Host, endpoint.Port));
        Assert.EndsWith($":{port}", endpoint.Id, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData(":80")]
    [InlineData("orders")]
    [InlineData("orders:")]
    [InlineData("orders:0")]
    [InlineData("orders:65536")]
    [InlineData("orders:http")]
    [InlineData("::1:80")]
    [InlineData("[]:80")]
    [InlineData("https://orders:443")]
    [InlineData("ftp://orders:21")]
    [InlineData("http://orders/path")]
    [InlineData("or ders:80")]
    public void TryParse_InvalidForms_SayWhatToWrite(string text)
    {
        Assert.False(StaticEndpoint.TryParse(text, out var endpoint, out var problem));

        Assert.Null(endpoint);
        Assert.Contains("host:port", problem, StringComparison.Ordinal);
    }
}
