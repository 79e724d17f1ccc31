using System.Buffers.Binary;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace Shop.Common;

/// <summary>
/// Unary gRPC over HTTP/2 with JSON messages (<c>application/grpc+json</c>), without a gRPC package: five bytes of prefix
/// before each message, the status in trailers. <c>samples/Grpc</c> shows the same with the real packages.
/// </summary>
public static class GrpcFraming
{
    private const string ContentType = "application/grpc+json";

    /// <summary>Calls a unary method. Throws <see cref="GrpcStatusException"/> unless the status is 0 (OK).</summary>
    public static async Task<TResponse> CallUnaryAsync<TRequest, TResponse>(
        this HttpClient client, string method, TRequest message, JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TResponse> responseType, string idempotencyKey, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, method)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(Frame(JsonSerializer.SerializeToUtf8Bytes(message, requestType))),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue(ContentType);
        request.Headers.TE.ParseAdd("trailers");
        request.Headers.Add("idempotency-key", idempotencyKey);
        using var response = await client.SendAsync(request, cancellationToken);
        var body = await response.Content.ReadAsByteArrayAsync(cancellationToken);
        var status = Header(response.Headers, "grpc-status") ?? Header(response.TrailingHeaders, "grpc-status");
        if (status != "0")
        {
            var text = Header(response.Headers, "grpc-message") ?? Header(response.TrailingHeaders, "grpc-message");
            throw new GrpcStatusException($"{method} ended with gRPC status {status ?? "(none)"}: {text}");
        }

        return JsonSerializer.Deserialize(body.AsSpan(5), responseType)!;
    }

    /// <summary>Serves a unary method.</summary>
    public static void MapUnary<TRequest, TResponse>(
        this IEndpointRouteBuilder routes, string method, JsonTypeInfo<TRequest> requestType,
        JsonTypeInfo<TResponse> responseType, Func<TRequest, HttpContext, Task<TResponse>> handler) =>
        routes.MapPost(method, async (HttpContext context) =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body, context.RequestAborted);
            var message = JsonSerializer.Deserialize(body.GetBuffer().AsSpan(5, (int)body.Length - 5), requestType)!;
            var answer = await handler(message, context);
            context.Response.ContentType = ContentType;
            context.Response.DeclareTrailer("grpc-status");
            await context.Response.Body.WriteAsync(Frame(JsonSerializer.SerializeToUtf8Bytes(answer, responseType)));
            context.Response.AppendTrailer("grpc-status", "0");
        });

    private static byte[] Frame(byte[] message)
    {
        var frame = new byte[5 + message.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), message.Length);
        message.CopyTo(frame, 5);
        return frame;
    }

    private static string? Header(HttpHeaders headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.FirstOrDefault() : null;
}
