using System.Net;
using System.Net.Http.Headers;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Failures of the mesh as gRPC clients expect them: a trailers-only answer. An exception would reach the application as
/// a status that only tells where it was thrown.
/// </summary>
internal static class GrpcAnswer
{
    private static readonly MediaTypeHeaderValue ContentType = new("application/grpc");

    public static HttpResponseMessage Create(
        HttpRequestMessage request, MeshFailureReason reason, string message, Exception? exception)
    {
        var response = new HttpResponseMessage(HttpStatusCode.OK)
        {
            Version = HttpVersion.Version20,
            RequestMessage = request,
            Content = new ByteArrayContent([]),
        };
        response.Content.Headers.ContentType = ContentType;
        response.Headers.TryAddWithoutValidation(GrpcStatus.Header, Status(reason, exception).ToString("D", null));
        response.Headers.TryAddWithoutValidation(GrpcStatus.MessageHeader, Uri.EscapeDataString(message));
        response.Headers.TryAddWithoutValidation(MeshHeaders.Reason, reason.Word());
        return response;
    }

    private static int Status(MeshFailureReason reason, Exception? exception) => reason switch
    {
        MeshFailureReason.Deadline => GrpcStatus.DeadlineExceeded,
        MeshFailureReason.ProtocolError => GrpcStatus.Internal,
        MeshFailureReason.Reset => OfReset(exception),
        _ => GrpcStatus.Unavailable,
    };

    /// <summary>What the gRPC protocol maps the codes of RST_STREAM to; a broken connection is UNAVAILABLE.</summary>
    private static int OfReset(Exception? exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpProtocolException protocol)
            {
                return protocol.ErrorCode switch
                {
                    8 => GrpcStatus.Cancelled,
                    11 => GrpcStatus.ResourceExhausted,
                    _ => GrpcStatus.Internal,
                };
            }
        }

        return GrpcStatus.Unavailable;
    }
}
