using System.Globalization;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inbound;

/// <summary>
/// What the mesh answers in the application's place: a status, the reason as a header, and one sentence. Callers of gRPC
/// get the same as a status of gRPC, in headers alone. Nothing of it depends on the application, and nothing inside of the
/// process shows.
/// </summary>
internal static class Refusal
{
    private const string Grpc = "application/grpc";

    /// <summary>Answers, unless an answer has begun.</summary>
    /// <param name="context">The request; it has not reached the application.</param>
    /// <param name="status">The HTTP status.</param>
    /// <param name="grpcStatus">The status of gRPC that means the same.</param>
    /// <param name="reason">A word of <see cref="MeshReasons"/>.</param>
    /// <param name="sentence">ASCII; tells the caller's developer what to do, and nothing about this process.</param>
    public static Task WriteAsync(HttpContext context, int status, int grpcStatus, string reason, string sentence)
    {
        MeshReasons.Check(reason);
        var response = context.Response;
        if (response.HasStarted)
        {
            return Task.CompletedTask;
        }

        response.Headers[MeshHeaders.Reason] = reason;
        response.Headers.CacheControl = "no-store";
        if (IsGrpc(context.Request))
        {
            response.StatusCode = StatusCodes.Status200OK;
            response.ContentType = Grpc;
            response.ContentLength = 0;
            response.Headers[GrpcStatus.Header] = grpcStatus.ToString(CultureInfo.InvariantCulture);
            response.Headers[GrpcStatus.MessageHeader] = sentence;
            return Task.CompletedTask;
        }

        response.StatusCode = status;
        response.ContentType = "text/plain; charset=utf-8";
        return HttpMethods.IsHead(context.Request.Method)
            ? Task.CompletedTask
            : response.WriteAsync(sentence + "\n", context.RequestAborted);
    }

    /// <summary>A gRPC call, by its content type (gRPC-Web is another protocol, and ordinary HTTP).</summary>
    public static bool IsGrpc(HttpRequest request) => request.ContentType is { } type && RequestFacts.IsGrpcType(type);
}
