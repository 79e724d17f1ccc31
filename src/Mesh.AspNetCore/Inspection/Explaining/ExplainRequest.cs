namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>A request described, never sent: the body of a <c>POST</c> to <c>/mesh/explain</c>, or its query.</summary>
internal sealed record ExplainRequest
{
    /// <summary>Absolute, as the application would write it.</summary>
    public string? Url { get; init; }

    public string Method { get; init => field = value ?? field; } = "GET";

    public IReadOnlyDictionary<string, string> Headers { get; init => field = value ?? field; } =
        new Dictionary<string, string>();

    /// <summary>The HttpClient that would send it, by name; <see langword="null"/> for a plain one.</summary>
    public string? Client { get; init; }

    /// <summary>As <see cref="Mesh.Client.MeshRequestOptions.Idempotent"/>.</summary>
    public bool Idempotent { get; init; }

    /// <summary>As <see cref="Mesh.Client.MeshRequestOptions.NoRetry"/>.</summary>
    public bool NoRetry { get; init; }

    /// <summary>As <see cref="Mesh.Client.MeshRequestOptions.Deadline"/>: <c>500ms</c>, <c>2s</c>.</summary>
    public string? Deadline { get; init; }

    /// <summary>It is a gRPC call: HTTP/2, <c>POST</c>, and its content type.</summary>
    public bool Grpc { get; init; }

    /// <summary>Its body is a stream, which can be read once.</summary>
    public bool Stream { get; init; }
}
