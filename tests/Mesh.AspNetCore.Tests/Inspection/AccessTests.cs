using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Mesh.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Tests.Inspection;

public sealed class AccessTests
{
    private static readonly string[] Paths = ["/mesh", "/mesh/explain?url=http://orders/"];

    [Theory]
    [InlineData(null)]
    [InlineData("localhost:5000")]
    [InlineData("shop.localhost")]
    [InlineData("[::1]:5000")]
    public async Task Get_FromThisMachine_IsAnswered_AndNotStored(string? host)
    {
        await using var app = await InspectedApp.StartAsync();
        foreach (var path in Paths)
        {
            using var answer = await GetAsync(app.Http, path, ("Host", host));

            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.True(answer.Headers.CacheControl!.NoStore);
            Assert.Null(answer.Headers.ETag);
        }
    }

    [Theory]
    [InlineData("Host", "rebound.example", "Host")]
    [InlineData("Host", "127.0.0.1.rebound.example:5000", "Host")]
    [InlineData("Host", "10.0.0.7", "Host")]
    [InlineData("Origin", "https://rebound.example", "Origin")]
    [InlineData("Origin", "null", "Origin")]
    [InlineData("X-Forwarded-For", "203.0.113.9", "X-Forwarded-For")]
    [InlineData("X-Forwarded-For", "127.0.0.1", "X-Forwarded-For")]
    [InlineData("Forwarded", "for=127.0.0.1", "Forwarded")]
    [InlineData("Via", "1.1 proxy", "Via")]
    public async Task Get_ThroughAProxyOrForAnotherName_IsRefused(string header, string value, string named)
    {
        await using var app = await InspectedApp.StartAsync();
        foreach (var path in Paths)
        {
            await AssertRefusedAsync(await GetAsync(app.Http, path, (header, value)), named);
        }
    }

    [Fact]
    public async Task Post_ThroughAProxy_IsRefused_BeforeItsBodyIsRead()
    {
        await using var app = await InspectedApp.StartAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/mesh/explain");
        request.Content = new StringContent("{");
        request.Headers.Add("X-Forwarded-For", "203.0.113.9");

        await AssertRefusedAsync(await app.Http.SendAsync(request), "X-Forwarded-For");
    }

    [Fact]
    public async Task Get_FromElsewhere_IsRefused_WhateverForwardedHeadersSay()
    {
        if (OwnAddress() is not { } own)
        {
            return; // a machine with loopback only has no elsewhere
        }

        // The worst of settings: every proxy is believed, so the request's own address becomes what the caller says.
        await using var app = await InspectedApp.StartAsync(
            use: web =>
            {
                var options = new ForwardedHeadersOptions { ForwardedHeaders = ForwardedHeaders.All };
                options.KnownIPNetworks.Clear();
                options.KnownProxies.Clear();
                web.UseForwardedHeaders(options);
            },
            url: "http://0.0.0.0:0");
        using var http = new HttpClient { BaseAddress = new Uri($"http://{own}:{app.Http.BaseAddress!.Port}") };

        await AssertRefusedAsync(await GetAsync(http, "/mesh", ("Host", "localhost")), "loopback");
        await AssertRefusedAsync(
            await GetAsync(http, "/mesh", ("Host", "localhost"), ("X-Forwarded-For", "127.0.0.1")), "loopback");
    }

    [Fact]
    public async Task Get_WithAuthorizationAskedFor_IsUpToThat()
    {
        await using var app = await InspectedApp.StartAsync(
            AddAuthentication,
            web => web.UseAuthentication().UseAuthorization(),
            map: mesh => mesh.RequireAuthorization());

        using var nobody = await GetAsync(app.Http, "/mesh");
        Assert.Equal(HttpStatusCode.Unauthorized, nobody.StatusCode);
        foreach (var path in Paths)
        {
            using var known = await GetAsync(
                app.Http, path, ("Authorization", "Test ana"), ("Host", "mesh.example"),
                ("X-Forwarded-For", "203.0.113.9"));
            Assert.Equal(HttpStatusCode.OK, known.StatusCode);
        }
    }

    [Fact]
    public async Task Get_AllowedToTheAnonymous_IsStillForThisMachine()
    {
        await using var app = await InspectedApp.StartAsync(
            AddAuthentication,
            web => web.UseAuthentication().UseAuthorization(),
            map: mesh => mesh.RequireAuthorization().AllowAnonymous());

        using var here = await GetAsync(app.Http, "/mesh");
        Assert.Equal(HttpStatusCode.OK, here.StatusCode);
        await AssertRefusedAsync(await GetAsync(app.Http, "/mesh", ("Host", "rebound.example")), "Host");
    }

    [Fact]
    public async Task MapMesh_WithoutAddMesh_SaysWhatIsMissing()
    {
        await using var app = WebApplication.CreateSlimBuilder().Build();

        var error = Assert.Throws<InvalidOperationException>(() => app.MapMesh());

        Assert.Contains("AddMesh()", error.Message, StringComparison.Ordinal);
    }

    private static async Task AssertRefusedAsync(HttpResponseMessage answer, string named)
    {
        using (answer)
        {
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal("text/plain", answer.Content.Headers.ContentType!.MediaType);
            Assert.True(answer.Headers.CacheControl!.NoStore);
            var text = await answer.Content.ReadAsStringAsync();
            Assert.Contains(named, text, StringComparison.Ordinal);
            Assert.Contains("RequireAuthorization", text, StringComparison.Ordinal);
        }
    }

    private static async Task<HttpResponseMessage> GetAsync(
        HttpClient http, string path, params (string Name, string? Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        foreach (var (name, value) in headers.Where(h => h.Value is not null))
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await http.SendAsync(request);
    }

    private static IPAddress? OwnAddress() => NetworkInterface.GetAllNetworkInterfaces()
        .Where(n => n.OperationalStatus == OperationalStatus.Up)
        .SelectMany(n => n.GetIPProperties().UnicastAddresses.Select(a => a.Address))
        .FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IPAddress.IsLoopback(a));

    private static void AddAuthentication(WebApplicationBuilder builder)
    {
        builder.Services.AddAuthentication("Test").AddScheme<AuthenticationSchemeOptions, HeaderScheme>("Test", null);
        builder.Services.AddAuthorization();
    }

    private sealed class HeaderScheme(
        IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            if (Request.Headers.Authorization.Count == 0)
            {
                return Task.FromResult(AuthenticateResult.NoResult());
            }

            var ana = new ClaimsPrincipal(new ClaimsIdentity([new Claim("name", "ana")], Scheme.Name));
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(ana, Scheme.Name)));
        }
    }
}
