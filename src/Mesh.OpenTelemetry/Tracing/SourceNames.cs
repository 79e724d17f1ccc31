using Mesh.Client;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>Who makes the spans that tell what became of a call.</summary>
internal static class SourceNames
{
    /// <summary>The platform's: one span for each attempt.</summary>
    public const string Http = "System.Net.Http";

    /// <summary>The platform's: one span for each request served.</summary>
    public const string Server = "Microsoft.AspNetCore";

    /// <summary>grpc-dotnet's: one span for each call.</summary>
    public const string Grpc = "Grpc.Net.Client";

    public static readonly string[] Of = [MeshTelemetry.ActivitySourceName, Http, Server, Grpc];
}
