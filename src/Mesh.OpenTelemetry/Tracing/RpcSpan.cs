using System.Diagnostics;
using System.Globalization;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>
/// The conventions for RPC on spans of gRPC. Clients: grpc-dotnet's own span, which lasts until the call has its
/// status. Servers: the platform's span of the request.
/// </summary>
internal static class RpcSpan
{
    public const string SystemTag = "rpc.system";
    public const string ServiceTag = "rpc.service";
    public const string MethodTag = "rpc.method";
    public const string StatusTag = "rpc.grpc.status_code";

    // What grpc-dotnet itself calls them; said once is enough.
    private const string OwnMethodTag = "grpc.method";
    private const string OwnStatusTag = "grpc.status_code";

    /// <summary>Statuses that are the server's fault; the others are answers to what the caller asked or did.</summary>
    private static readonly int[] ServerFaults = [2, 4, 12, 13, 14, 15];

    /// <summary>Renames what grpc-dotnet says of a call.</summary>
    public static void CompleteClient(Activity span)
    {
        if (span.Source.Name != SourceNames.Grpc
            || !RpcName.TryParse(span.GetTagItem(OwnMethodTag) as string, out var name))
        {
            return;
        }

        var status = ReadStatus(span.GetTagItem(OwnStatusTag)?.ToString());
        Describe(span, name, status);
        if (status is not (null or 0) && span.Status == ActivityStatusCode.Unset)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>Says of a request which method it called and how that ended.</summary>
    public static void CompleteServer(Activity span, in RpcName name, int? status)
    {
        Describe(span, name, status);
        if (status is { } code && Array.IndexOf(ServerFaults, code) >= 0)
        {
            span.SetStatus(ActivityStatusCode.Error);
        }
    }

    /// <summary>A <c>grpc-status</c>, or <see langword="null"/> for what is none.</summary>
    public static int? ReadStatus(string? text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var status) && status <= 16
            ? status
            : null;

    private static void Describe(Activity span, in RpcName name, int? status)
    {
        span.DisplayName = name.ToString();
        span.SetTag(SystemTag, "grpc");
        span.SetTag(ServiceTag, name.Service);
        span.SetTag(MethodTag, name.Method);
        if (status is { } code)
        {
            span.SetTag(StatusTag, code);
        }

        span.SetTag(OwnMethodTag, null);
        span.SetTag(OwnStatusTag, null);
    }
}
