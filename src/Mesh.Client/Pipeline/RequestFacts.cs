using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>What a request says of itself, read without creating anything in it.</summary>
internal static class RequestFacts
{
    private const string GrpcType = "application/grpc";
    private const string KeyHeader = "Idempotency-Key";

    /// <summary>A gRPC call: HTTP/2 and its content type (gRPC-Web is another protocol, and ordinary HTTP).</summary>
    public static bool IsGrpc(HttpRequestMessage request) =>
        request.Version.Major >= 2
        && request.Content is { } content
        && AnswerTable.Value(content.Headers, "Content-Type") is { } type
        && IsGrpcType(type);

    /// <summary>The content type is gRPC's own.</summary>
    public static bool IsGrpcType(string type) =>
        type.StartsWith(GrpcType, StringComparison.OrdinalIgnoreCase)
        && (type.Length == GrpcType.Length || type[GrpcType.Length] is '+' or ';' or ' ');

    /// <summary>Repeating the request is safe: by its method, the application's mark, or its key on a route for keys.</summary>
    public static bool IsRepeatable(HttpRequestMessage request, HttpRequestOptions? options, RetryPlan plan) =>
        RepeatableBy(request, options, plan) != Repeatability.None;

    /// <summary>What makes repeating the request safe.</summary>
    public static Repeatability RepeatableBy(HttpRequestMessage request, HttpRequestOptions? options, RetryPlan plan) =>
        IsIdempotent(request.Method) ? Repeatability.Method
        : options is not null && options.TryGetValue(MeshRequestOptions.Idempotent, out var marked) && marked
            ? Repeatability.Mark
        : plan.Rule.IdempotentWithKey && HasKey(request) ? Repeatability.Key
        : Repeatability.None;

    /// <summary>The request carries a key by which its receiver can tell a repetition.</summary>
    public static bool HasKey(HttpRequestMessage request) => request.Headers.NonValidated.Contains(KeyHeader);

    /// <summary>The application wants no retries.</summary>
    public static bool IsProvenOnly(HttpRequestOptions? options) =>
        options is not null && options.TryGetValue(MeshRequestOptions.NoRetry, out var never) && never;

    /// <summary>The deadline the application gave this call by option; infinite is none.</summary>
    public static TimeSpan? Deadline(HttpRequestOptions? options) =>
        options is not null && options.TryGetValue(MeshRequestOptions.Deadline, out var given)
            && given != Timeout.InfiniteTimeSpan
            ? given
            : null;

    /// <summary>The method for logs; one that is not of HTTP may hold anything.</summary>
    public static string MethodWord(HttpRequestMessage request) =>
        IsIdempotent(request.Method) || request.Method == HttpMethod.Post || request.Method == HttpMethod.Patch
        || request.Method == HttpMethod.Connect
            ? request.Method.Method
            : "_OTHER";

    private static bool IsIdempotent(HttpMethod method) =>
        method == HttpMethod.Get || method == HttpMethod.Head || method == HttpMethod.Put
        || method == HttpMethod.Delete || method == HttpMethod.Options || method == HttpMethod.Trace;
}
