using System.Diagnostics;
using OpenTelemetry;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>Before a span is exported: gRPC by its conventions, and nothing that users typed.</summary>
internal sealed class SpanProcessor(MeshTracingOptions options) : BaseProcessor<Activity>
{
    private readonly SpanPrivacy _privacy = new(options.AllowedAttributes);

    public override void OnEnd(Activity data)
    {
        RpcSpan.CompleteClient(data);
        _privacy.Redact(data);
    }
}
