using System.Net;
using Mesh.AspNetCore.Registering;

namespace Mesh.AspNetCore.Tests.Registering;

public sealed class ListenerTests
{
    [Theory]
    [InlineData("http://127.0.0.1:5000", "127.0.0.1")]
    [InlineData("http://localhost:5000", "127.0.0.1")]
    [InlineData("http://[::1]:5000", "::1")]
    [InlineData("http://10.1.2.3:5000", "10.1.2.3")]
    [InlineData("http://0.0.0.0:5000", null)]
    [InlineData("http://[::]:5000", null)]
    [InlineData("http://*:5000", null)]
    [InlineData("http://+:5000", null)]
    [InlineData("http://web1:5000", null)]
    public void Specific_IsTheAddressThatCanBeDialled(string url, string? address) =>
        Assert.Equal(address, Assert.Single(Listener.Parse([url])).Specific?.ToString());

    [Theory]
    [InlineData("http://unix:/run/app.sock")]
    [InlineData("http://127.0.0.1:0")]
    public void Parse_WithoutATcpPort_LeavesItOut(string url) => Assert.Empty(Listener.Parse([url]));

    [Fact]
    public void Choose_PrefersTheNamedPort_ThenPlaintext_ThenTheFirst()
    {
        var listeners = Listener.Parse(["https://10.0.0.1:443", "http://10.0.0.1:80", "http://10.0.0.1:81"]);

        Assert.Equal(81, Listener.Choose(listeners, 81).Port);
        Assert.Equal(80, Listener.Choose(listeners, null).Port);
        Assert.Equal(80, Listener.Choose(listeners, 9999).Port);
        Assert.Equal(443, Listener.Choose([listeners[0]], null).Port);
    }

    [Theory]
    [InlineData("10.0.0.7", "10.0.0.7", null)]
    [InlineData("10.0.0.7:8080", "10.0.0.7", 8080)]
    [InlineData("web1.internal", "web1.internal", null)]
    [InlineData("web1:80", "web1", 80)]
    [InlineData("fe00::7", "fe00::7", null)]
    [InlineData("[fe00::7]", "fe00::7", null)]
    [InlineData("[fe00::7]:8080", "fe00::7", 8080)]
    public void PublishedAddress_ReadsHostAndPort(string text, string host, int? port)
    {
        Assert.True(PublishedAddress.TryParse(text, out var address));
        Assert.Equal((host, port), (address.Host, address.Port));
    }

    [Theory]
    [InlineData("")]
    [InlineData("http://10.0.0.7")]
    [InlineData("10.0.0.7:0")]
    [InlineData("10.0.0.7:99999")]
    [InlineData("10.0.0.7:x")]
    [InlineData("0.0.0.0")]
    [InlineData("[::]:80")]
    [InlineData("*:80")]
    [InlineData("two words")]
    public void PublishedAddress_RefusesWhatCannotBeDialled(string text) =>
        Assert.False(PublishedAddress.TryParse(text, out _));

    [Theory]
    [InlineData("http://127.0.0.1:8500")]
    [InlineData("http://does-not-exist.invalid:8500")]
    [InlineData("unix:///run/consul.sock")]
    public async Task OwnAddress_IsOneOfThisMachine_WhereverConsulIs(string consul)
    {
        var address = await OwnAddress.FindAsync(new Uri(consul), ipv4Only: true, CancellationToken.None);

        using var listener = new System.Net.Sockets.TcpListener(address, 0);
        listener.Start();
        Assert.NotEqual(IPAddress.Any, address);
    }
}
