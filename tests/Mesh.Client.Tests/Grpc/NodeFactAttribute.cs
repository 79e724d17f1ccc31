namespace Mesh.Client.Tests.Grpc;

/// <summary>A test against a real gRPC server, which is one of Node.js; skipped, with the reason, where that is missing.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NodeFactAttribute : FactAttribute
{
    public NodeFactAttribute() => Skip = NodeTool.Missing;
}
