using System.Diagnostics;
using System.Globalization;
using Mesh.Client;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>
/// What the conventions for HTTP want to know of a request, as far as it is bounded: the route and never the path,
/// known methods and never what somebody sent in their place.
/// </summary>
internal static class ServerSpan
{
    private const string MethodTag = "http.request.method";
    private const string RouteTag = "http.route";
    private const string SchemeTag = "url.scheme";
    private const string ProtocolVersionTag = "network.protocol.version";

    /// <summary>The convention's word for a method it does not list.</summary>
    private const string OtherMethod = "_OTHER";

    public static void Complete(Activity span, HttpContext context, Exception? exception)
    {
        var method = KnownMethod(context.Request.Method);
        var route = Route(context);
        span.DisplayName = (method ?? "HTTP") + (route is null ? "" : " " + route);
        span.SetTag(MethodTag, method ?? OtherMethod);
        span.SetTag(SchemeTag, context.Request.Scheme == "https" ? "https" : "http");
        if (ProtocolVersion(context.Request.Protocol) is { } version)
        {
            span.SetTag(ProtocolVersionTag, version);
        }

        if (route is not null)
        {
            span.SetTag(RouteTag, route);
        }

        SetOutcome(span, context, exception);
        if (IsGrpc(context.Request.ContentType) && RpcName.TryParse(route, out var name))
        {
            RpcSpan.CompleteServer(span, name, RpcSpan.ReadStatus(GrpcStatus(context)));
        }
    }

    private static void SetOutcome(Activity span, HttpContext context, Exception? exception)
    {
        var gone = context.RequestAborted.IsCancellationRequested;
        var status = context.Response.StatusCode;
        if (exception is not null && !context.Response.HasStarted)
        {
            // The server sets it when the exception reaches it, which is after us.
            status = gone
                ? StatusCodes.Status499ClientClosedRequest
                : (exception as BadHttpRequestException)?.StatusCode ?? StatusCodes.Status500InternalServerError;
        }

        span.SetTag(MeshTelemetry.StatusCodeTag, status);
        if (status >= 500 || (exception is not null && context.Response.HasStarted && !gone))
        {
            span.SetTag(
                MeshTelemetry.ErrorTypeTag,
                exception?.GetType().FullName ?? status.ToString(CultureInfo.InvariantCulture));
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    private static string? Route(HttpContext context)
    {
        // An error handler runs the pipeline again under its own route; the request was another's.
        var endpoint = context.Features.Get<IExceptionHandlerFeature>()?.Endpoint
            ?? context.GetEndpoint();
        var route = endpoint?.Metadata.GetMetadata<IRouteDiagnosticsMetadata>()?.Route
            ?? (endpoint as RouteEndpoint)?.RoutePattern.RawText;
        return route is null || route.StartsWith('/') ? route : "/" + route;
    }

    private static string? KnownMethod(string method) => method switch
    {
        "GET" or "HEAD" or "POST" or "PUT" or "PATCH" or "DELETE" => method,
        "CONNECT" or "OPTIONS" or "TRACE" or "QUERY" => method,
        _ => null,
    };

    private static string? ProtocolVersion(string protocol) => protocol switch
    {
        "HTTP/1.0" => "1.0",
        "HTTP/1.1" => "1.1",
        "HTTP/2" => "2",
        "HTTP/3" => "3",
        _ => null,
    };

    private static bool IsGrpc(string? contentType) =>
        contentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) == true
        && (contentType.Length == 16 || contentType[16] is '+' or ';' or '-');

    private static string? GrpcStatus(HttpContext context)
    {
        var trailers = context.Features.Get<IHttpResponseTrailersFeature>()?.Trailers;
        return trailers is not null && trailers.TryGetValue("grpc-status", out var trailer)
            ? trailer.ToString()
            : context.Response.Headers["grpc-status"].ToString();
    }
}
