using System.Diagnostics;
using System.Net;
using Mesh.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>
/// What each process serves: <c>/orders/{id}</c> asks <c>back</c> for an item, <c>/items/{id}</c> is that item,
/// <c>/carts</c> passes a form on to <c>gone</c>, <c>/fail</c> throws, <c>/traced</c> says whether it is traced, <c>/shop.Prices/Quote</c> is a gRPC method,
/// <c>/call</c> calls whatever it is told to.
/// </summary>
internal static class TestService
{
    public static WebApplication Create(string name)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { EnvironmentName = "Production" });
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
            listen.Protocols = name == "prices" ? HttpProtocols.Http2 : HttpProtocols.Http1));
        builder.Services.AddMesh(options =>
        {
            options.Service = name;
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
        }).AddOpenTelemetry();
        if (builder.Configuration["Test:Pipeline"] == "theirs")
        {
            TheirPipeline.Add(builder.Services);
        }

        builder.Services.AddHttpClient("back", client => client.BaseAddress = new Uri("http://back"));
        var app = builder.Build();
        app.MapMeshMetrics();
        app.MapGet("/orders/{id}", async (string id, IHttpClientFactory clients, ILoggerFactory loggers) =>
        {
            loggers.CreateLogger("Orders").LogInformation("An order is looked at.");
            return await clients.CreateClient("back").GetStringAsync($"/items/{id}?secret=4111111111111111");
        });
        app.MapPost("/carts", PassOnAsync).DisableAntiforgery();
        app.MapGet("/traced", () => Activity.Current?.Recorded == true ? "recorded" : "not recorded");
        app.MapGet("/items/{id}", (string id) => "item " + id);
        app.MapGet("/fail", string () => throw new InvalidOperationException("on purpose"));
        app.MapPost("/shop.Prices/Quote", QuoteAsync);
        app.MapGet("/call", CallAsync);
        return app;
    }

    private static async Task<IResult> PassOnAsync(HttpRequest received, IHttpClientFactory clients)
    {
        if (!received.HasFormContentType)
        {
            return Results.StatusCode(StatusCodes.Status415UnsupportedMediaType);
        }

        var form = await received.ReadFormAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://gone/carts/{form["what"]}{received.QueryString}");
        request.Headers.TryAddWithoutValidation("Authorization", received.Headers.Authorization.ToString());
        request.Headers.TryAddWithoutValidation("Cookie", received.Headers.Cookie.ToString());
        request.Content = new FormUrlEncodedContent(form.ToDictionary(f => f.Key, f => f.Value.ToString()));
        using var response = await clients.CreateClient().SendAsync(request);
        return Results.Text(await response.Content.ReadAsStringAsync());
    }

    private static async Task QuoteAsync(HttpContext context)
    {
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "14");
    }

    private static async Task<string> CallAsync(string url, string method, IHttpClientFactory clients)
    {
        try
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), url);
            using var response = await clients.CreateClient().SendAsync(request);
            return ((int)response.StatusCode).ToString(System.Globalization.CultureInfo.InvariantCulture);
        }
        catch (HttpRequestException failure)
        {
            return failure.HttpRequestError.ToString();
        }
    }
}
