namespace Mesh.Client.Pipeline;

/// <summary>
/// The mesh in a client's chain of handlers: requests to mesh names go through the pipeline, all others to the client's
/// own primary handler, untouched.
/// </summary>
internal sealed class MeshHandler(MeshRuntime runtime, MeshNames names, MeshPipeline pipeline, ClientSettings settings)
    : DelegatingHandler
{
    /// <summary>How this client uses the mesh.</summary>
    public ClientSettings Settings => settings;

    /// <summary>What is a mesh name.</summary>
    public MeshNames Names => names;

    /// <summary>Sends past the mesh.</summary>
    public Task<HttpResponseMessage> PassOnAsync(
        HttpRequestMessage request, bool sync, CancellationToken cancellationToken) =>
        sync ? Task.FromResult(base.Send(request, cancellationToken)) : base.SendAsync(request, cancellationToken);

    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.RequestUri is { } uri && names.TryGetService(uri, out var service)
            ? pipeline.SendAsync(this, runtime.GetUpstream(service), request, sync: false, cancellationToken)
            : base.SendAsync(request, cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        request.RequestUri is { } uri && names.TryGetService(uri, out var service)
            ? pipeline.SendAsync(this, runtime.GetUpstream(service), request, sync: true, cancellationToken)
                .GetAwaiter().GetResult()
            : base.Send(request, cancellationToken);
}
