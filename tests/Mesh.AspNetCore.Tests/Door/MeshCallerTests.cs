using System.Net;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>Who called, as the application sees it.</summary>
public sealed class MeshCallerTests
{
    [Fact]
    public async Task RequireMeshCaller_LetsInWhoProvedIt_AndNobodyElse()
    {
        await using var app = await DoorApp.StartAsync(use: a =>
        {
            a.MapGet("/any", () => "in").RequireMeshCaller();
            a.MapGet("/web", (RequestDelegate)(c => c.Response.WriteAsync("in"))).RequireMeshCaller("Web", "edge");
            a.MapGet("/both", () => "in").RequireMeshCaller("web").RequireMeshCaller("edge");
            a.MapGroup("/group").RequireMeshCaller("edge").MapGet("", () => "in");
            a.MapGet("/open", () => "in");
        });
        var (web, nobody, plain) = (app.Member("web"), app.Caller(), app.Plain());
        plain.DefaultRequestHeaders.Add(MeshHeaders.Caller, "web");
        plain.DefaultRequestHeaders.Add("X-Forwarded-Client-Cert", $"URI={app.Authority.IdOf("web")}");

        foreach (var client in new[] { web, nobody, plain })
        {
            Assert.Equal("in", await client.GetStringAsync("/open"));
            foreach (var path in (string[])["/any", "/web", "/both", "/group"])
            {
                using var answer = await client.GetAsync(path);
                if (client == web && (path is "/any" or "/web"))
                {
                    Assert.Equal("in", await answer.Content.ReadAsStringAsync());
                    continue;
                }

                Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
                Assert.Equal(MeshReasons.Caller, answer.Headers.GetValues(MeshHeaders.Reason).Single());
            }
        }

        using var edge = app.Member("edge");
        Assert.Equal("in", await edge.GetStringAsync("/group"));
        Assert.Equal(1, app.Log.Count(7040));
    }

    [Fact]
    public async Task RequireMeshCaller_AnswersGrpc_InItsOwnWords()
    {
        await using var app = await DoorApp.StartAsync(
            use: a => a.MapPost("/x.Y/Z", () => "in").RequireMeshCaller("web"));
        using var request = new HttpRequestMessage(HttpMethod.Post, "/x.Y/Z") { Content = new ByteArrayContent([]) };
        request.Content.Headers.ContentType = new("application/grpc");

        using var answer = await app.Member("edge", HttpVersion.Version20).SendAsync(request);

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Equal("7", answer.Headers.GetValues("grpc-status").Single());
        Assert.Equal(MeshReasons.Caller, answer.Headers.GetValues(MeshHeaders.Reason).Single());
    }

    [Fact]
    public async Task SameServiceOfAnotherTrustDomain_IsNotThatService()
    {
        await using var app = await DoorApp.StartAsync(use: a =>
        {
            a.MapGet("/any", () => "in").RequireMeshCaller();
            a.MapGet("/web", () => "in").RequireMeshCaller("web");
            a.MapGet("/who", DoorApp.WhoAsync);
        });
        using var other = new Testing.TestAuthority("other.test");
        app.TrustAlso(other);
        using var web = other.Issue("web");
        var client = app.Caller(web);

        Assert.Equal("in", await client.GetStringAsync("/any"));
        Assert.Equal($"https HTTP/1.1 {other.IdOf("web")}", await client.GetStringAsync("/who"));
        using var answer = await client.GetAsync("/web");
        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task SchemeMesh_IsAPrincipal_OnlyWhenAsked()
    {
        await using var app = await DoorApp.StartAsync(
            build: b =>
            {
                b.Services.AddAuthentication().AddMesh();
                b.Services.AddAuthorization(o => o.AddPolicy("web", p => p.RequireUserName("web")));
            },
            use: a =>
            {
                a.UseAuthentication();
                a.UseAuthorization();
                a.MapGet("/me", (HttpContext c) => string.Join(' ', c.User.Claims.Select(claim => claim.Value)));
                a.MapGet("/web", () => "in").RequireAuthorization("web");
            });

        Assert.Equal($"web {app.Authority.IdOf("web")} mesh.test", await app.Member("web").GetStringAsync("/me"));
        Assert.Equal("in", await app.Member("web").GetStringAsync("/web"));
        Assert.Equal("", await app.Plain().GetStringAsync("/me"));
        foreach (var client in new[] { app.Member("edge"), app.Plain() })
        {
            using var answer = await client.GetAsync("/web");
            Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
            Assert.Equal(MeshReasons.Caller, answer.Headers.GetValues(MeshHeaders.Reason).Single());
        }
    }

    [Fact]
    public async Task ApplicationWithOneSchemeAndNoDefault_IsLeftAlone()
    {
        await using var app = await DoorApp.StartAsync(
            build: b => b.Services.AddAuthentication().AddCookie("own").Services.AddAuthorization(),
            use: a =>
            {
                a.UseAuthentication();
                a.UseAuthorization();
                a.MapGet("/", async (IAuthenticationSchemeProvider schemes) =>
                    string.Join(' ', (await schemes.GetAllSchemesAsync()).Select(s => s.Name)) + " default " +
                    (await schemes.GetDefaultAuthenticateSchemeAsync())?.Name);
            });

        Assert.Equal("own default own", await app.Member().GetStringAsync("/"));
        Assert.Equal("own default own", await app.Plain().GetStringAsync("/"));
    }
}
