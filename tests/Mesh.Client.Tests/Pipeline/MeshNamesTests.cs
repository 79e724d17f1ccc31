using Mesh.Client.Pipeline;

namespace Mesh.Client.Tests.Pipeline;

public sealed class MeshNamesTests
{
    [Theory]
    [InlineData("http://orders/", NameVerdict.Meshed, "orders")]
    [InlineData("http://other/", NameVerdict.Unlisted, "other")]
    [InlineData("http://orders:81/", NameVerdict.OtherPort, "orders")]
    [InlineData("http://orders:8080/", NameVerdict.Meshed, "orders")]
    [InlineData("http://other:8080/", NameVerdict.OtherPort, "other")]
    [InlineData("http://10.0.0.1/", NameVerdict.Address, "")]
    [InlineData("http://[::1]/", NameVerdict.Address, "")]
    [InlineData("http://localhost/", NameVerdict.Foreign, "")]
    [InlineData("http://example.com/", NameVerdict.Foreign, "")]
    [InlineData("ftp://orders/", NameVerdict.NotHttp, "")]
    internal void Judge_OfAUri_GivesTheFirstReason(string uri, NameVerdict verdict, string service)
    {
        var options = new MeshOptions { Adopt = MeshAdoption.Listed };
        options.Upstreams["orders"] = new MeshUpstreamOptions { Port = 8080 };
        var names = new MeshNames(options);

        Assert.Equal(verdict, names.Judge(new Uri(uri), out var name));
        Assert.Equal(service, name);
        Assert.Equal(verdict == NameVerdict.Meshed, names.TryGetService(new Uri(uri), out _));
    }

    [Theory]
    [InlineData("http://orders", "orders")]
    [InlineData("http://orders/", "orders")]
    [InlineData("http://orders/a/b?c=d.e#f", "orders")]
    [InlineData("http://ORDERS/Path", "orders")]
    [InlineData("https://orders/", "orders")]
    [InlineData("ws://orders/", "orders")]
    [InlineData("wss://orders/", "orders")]
    [InlineData("http://orders:80/", "orders")]
    [InlineData("https://orders:443/", "orders")]
    [InlineData("ws://orders:80/", "orders")]
    [InlineData("wss://orders:443/", "orders")]
    [InlineData("http://user:secret@orders/", "orders")]
    [InlineData("http://order_items/", "order_items")]
    [InlineData("http://orders-v2/", "orders-v2")]
    [InlineData("http://orders.mesh/", "orders")]
    [InlineData("http://Orders.Mesh/", "orders")]
    [InlineData("http://orders.service.consul/", "orders")]
    [InlineData("http://a.b.mesh/", "a.b")]
    [InlineData("http://bücher/", "xn--bcher-kva")]
    public void TryGetService_MeshName_GivesService(string uri, string service)
    {
        Assert.True(new MeshNames(new MeshOptions()).TryGetService(new Uri(uri), out var name));
        Assert.Equal(service, name);
    }

    [Theory]
    [InlineData("http://localhost/")]
    [InlineData("http://LOCALHOST/")]
    [InlineData("http://example.com/")]
    [InlineData("http://orders.mesh.example.com/")]
    [InlineData("http://orders.example/")]
    [InlineData("http://orders./")]
    [InlineData("http://orders.mesh./")]
    [InlineData("http://api.localhost/")]
    [InlineData("http://127.0.0.1/")]
    [InlineData("http://10.1/")]
    [InlineData("http://1/")]
    [InlineData("http://[::1]/")]
    [InlineData("http://[fe80::1]/")]
    [InlineData("http://orders:8080/")]
    [InlineData("https://orders:80/")]
    [InlineData("http://orders:443/")]
    [InlineData("ftp://orders/")]
    [InlineData("unix://orders/")]
    public void TryGetService_OtherUri_IsLeftAlone(string uri)
    {
        Assert.False(new MeshNames(new MeshOptions()).TryGetService(new Uri(uri), out var name));
        Assert.Equal("", name);
    }

    [Fact]
    public void TryGetService_RelativeUri_IsLeftAlone() =>
        Assert.False(new MeshNames(new MeshOptions()).TryGetService(new Uri("orders", UriKind.Relative), out _));

    [Theory]
    [InlineData("http://orders:8080/", true)]
    [InlineData("http://orders.mesh:8080/", true)]
    [InlineData("http://orders/", true)]
    [InlineData("https://orders/", true)]
    [InlineData("http://orders:8081/", false)]
    [InlineData("http://pricing:8080/", false)]
    public void TryGetService_UpstreamWithPort_TakesThatPortToo(string uri, bool meshed)
    {
        var options = new MeshOptions { Upstreams = { ["Orders"] = new MeshUpstreamOptions { Port = 8080 } } };
        options.Upstreams["pricing"] = new MeshUpstreamOptions();

        Assert.Equal(meshed, new MeshNames(options).TryGetService(new Uri(uri), out _));
    }

    [Theory]
    [InlineData("http://orders/", true)]
    [InlineData("http://orders.service.consul/", true)]
    [InlineData("http://pricing/", false)]
    public void TryGetService_AdoptListed_TakesDeclaredUpstreamsOnly(string uri, bool meshed)
    {
        var options = new MeshOptions { Adopt = MeshAdoption.Listed, Upstreams = { ["orders"] = new() } };

        Assert.Equal(meshed, new MeshNames(options).TryGetService(new Uri(uri), out _));
    }

    [Fact]
    public void TryGetService_NestedSuffixes_TakesTheLongestOff()
    {
        var options = new MeshOptions();
        options.Suffixes.Clear();
        options.Suffixes.Add(".corp");
        options.Suffixes.Add(".Prod.Corp");
        var names = new MeshNames(options);

        Assert.True(names.TryGetService(new Uri("http://orders.prod.corp"), out var name));
        Assert.Equal("orders", name);
        Assert.False(names.TryGetService(new Uri("http://orders.mesh"), out _));
    }

    [Fact]
    public void TryGetService_ManyDifferentHosts_StillAnswersEachRight()
    {
        var names = new MeshNames(new MeshOptions());
        for (var i = 0; i < 3000; i++)
        {
            Assert.True(names.TryGetService(new Uri($"http://s{i}.mesh"), out var name));
            Assert.Equal($"s{i}", name);
        }
    }

    [Theory]
    [InlineData("http://orders/a")]
    [InlineData("http://orders.service.consul/a")]
    [InlineData("http://example.com/a")]
    public void TryGetService_RepeatedHost_AllocatesNothing(string text)
    {
        var names = new MeshNames(new MeshOptions());
        var uri = new Uri(text);
        for (var i = 0; i < 100; i++)
        {
            names.TryGetService(uri, out _);
        }

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            names.TryGetService(uri, out _);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
