namespace Mesh.Consul.Tests;

public sealed class ConsulSettingsTests
{
    [Theory]
    [InlineData(null, null, null, "http://127.0.0.1:8500/")]
    [InlineData(null, "consul.local:8501", null, "http://consul.local:8501/")]
    [InlineData(null, "consul.local:8501", "true", "https://consul.local:8501/")]
    [InlineData(null, "http://consul.local:8501", "1", "https://consul.local:8501/")]
    [InlineData(null, "https://consul.local", null, "https://consul.local/")]
    [InlineData(null, "http://consul.local/prefix", null, "http://consul.local/prefix/")]
    [InlineData("10.0.0.1:8500", "ignored:1", null, "http://10.0.0.1:8500/")]
    [InlineData("10.0.0.1:8500", null, "TRUE", "https://10.0.0.1:8500/")]
    [InlineData("http://10.0.0.1:8500", null, "true", "http://10.0.0.1:8500/")]
    [InlineData("[::1]:8500", null, null, "http://[::1]:8500/")]
    [InlineData("HTTP://LOCALHOST:8500/", null, "false", "http://localhost:8500/")]
    public void Address_FromOptionsAndEnvironment_IsResolved(
        string? option, string? variable, string? ssl, string expected)
    {
        var settings = Resolve(
            new ConsulClientOptions { Address = option },
            ("CONSUL_HTTP_ADDR", variable),
            ("CONSUL_HTTP_SSL", ssl));

        Assert.Equal(expected, settings.Address.AbsoluteUri);
        Assert.Equal(settings.Address, settings.RequestBase);
        Assert.Null(settings.UnixSocket);
    }

    [Fact]
    public void Address_OfASocketFile_KeepsItsPath()
    {
        var settings = Resolve(new(), ("CONSUL_HTTP_ADDR", "unix:///run/consul/http.sock"));

        Assert.Equal("/run/consul/http.sock", settings.UnixSocket);
        Assert.Equal("unix:///run/consul/http.sock", settings.Address.AbsoluteUri);
        Assert.Equal("http://localhost/", settings.RequestBase.AbsoluteUri);
    }

    [Theory]
    [InlineData("ftp://consul:8500")]
    [InlineData("unix://relative.sock")]
    [InlineData("http://")]
    [InlineData("http://user:secret@consul:8500")]
    [InlineData("consul:notaport")]
    [InlineData("consul:8500?dc=x")]
    public void Address_ThatCannotWork_IsRefusedWithItsSource(string address)
    {
        var fromEnvironment = Assert.Throws<ArgumentException>(() => Resolve(new(), ("CONSUL_HTTP_ADDR", address)));
        Assert.Contains("CONSUL_HTTP_ADDR", fromEnvironment.Message, StringComparison.Ordinal);
        var fromOptions = Assert.Throws<ArgumentException>(
            () => Resolve(new ConsulClientOptions { Address = address }));
        Assert.Contains("from Address", fromOptions.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("CONSUL_HTTP_SSL")]
    [InlineData("CONSUL_HTTP_SSL_VERIFY")]
    public void Switch_ThatIsNoBoolean_IsRefused(string name)
    {
        var error = Assert.Throws<ArgumentException>(() => Resolve(new(), (name, "yes")));
        Assert.Contains(name, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Environment_WithEverything_IsRead()
    {
        var settings = Resolve(
            new(),
            ("CONSUL_HTTP_TOKEN", "t"),
            ("CONSUL_HTTP_TOKEN_FILE", "/t"),
            ("CONSUL_HTTP_AUTH", "u:p"),
            ("CONSUL_HTTP_SSL_VERIFY", "f"),
            ("CONSUL_CACERT", "/ca"),
            ("CONSUL_CAPATH", "/cas"),
            ("CONSUL_CLIENT_CERT", "/cert"),
            ("CONSUL_CLIENT_KEY", "/key"),
            ("CONSUL_TLS_SERVER_NAME", "server.dc1.consul"),
            ("CONSUL_NAMESPACE", "ignored"));

        Assert.Equal(("t", "/t"), (settings.Token, settings.TokenFile));
        Assert.Equal(("u:p", false), (settings.HttpAuth, settings.SslVerify));
        Assert.Equal(("/ca", "/cas"), (settings.CaFile, settings.CaPath));
        Assert.Equal(
            ("/cert", "/key", "server.dc1.consul"),
            (settings.ClientCertFile, settings.ClientKeyFile, settings.TlsServerName));
    }

    [Fact]
    public void Options_WithEverything_BeatTheEnvironment()
    {
        var options = new ConsulClientOptions
        {
            Token = "o",
            CaFile = "/oca",
            SslVerify = true,
            Datacenter = "dc2",
            HttpAuth = "o:p",
            TlsServerName = "o.consul",
        };

        var settings = Resolve(
            options,
            ("CONSUL_HTTP_TOKEN", "t"),
            ("CONSUL_HTTP_TOKEN_FILE", "/t"),
            ("CONSUL_CACERT", "/ca"),
            ("CONSUL_HTTP_SSL_VERIFY", "false"),
            ("CONSUL_HTTP_AUTH", "u:p"),
            ("CONSUL_TLS_SERVER_NAME", "e.consul"));

        Assert.Equal(("o", null), (settings.Token, settings.TokenFile));
        Assert.Equal(("/oca", true), (settings.CaFile, settings.SslVerify));
        Assert.Equal(("dc2", "o:p", "o.consul"), (settings.Datacenter, settings.HttpAuth, settings.TlsServerName));
    }

    [Fact]
    public void TokenFile_OfOptions_BeatsTheTokenOfTheEnvironment()
    {
        var settings = Resolve(new ConsulClientOptions { TokenFile = "/o" }, ("CONSUL_HTTP_TOKEN", "t"));

        Assert.Equal((null, "/o"), (settings.Token, settings.TokenFile));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(101)]
    public void MaxBlockingQueries_OutOfRange_IsRefused(int value) =>
        Assert.Throws<ArgumentOutOfRangeException>(
            () => Resolve(new ConsulClientOptions { MaxBlockingQueries = value }));

    [Fact]
    public void Token_ThatNoHeaderCanCarry_IsRefusedWithoutBeingTold()
    {
        var error = Assert.Throws<ArgumentException>(() => Resolve(new(), ("CONSUL_HTTP_TOKEN", "s3cr3t\nline")));
        Assert.DoesNotContain("s3cr3t", error.Message, StringComparison.Ordinal);
    }

    private static ConsulSettings Resolve(
        ConsulClientOptions options, params (string Name, string? Value)[] variables) =>
        ConsulSettings.Resolve(options, name => variables.FirstOrDefault(pair => pair.Name == name).Value);
}
