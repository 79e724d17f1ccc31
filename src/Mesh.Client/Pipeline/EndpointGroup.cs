namespace Mesh.Client.Pipeline;

/// <summary>
/// The endpoints one balancer chooses from: all of a service, or one subset. Its candidates are an immutable set swapped
/// by reference whenever membership, health or ejections change; picking only reads.
/// </summary>
internal sealed class EndpointGroup
{
    /// <summary>The subset's name, or <see langword="null"/> for all endpoints.</summary>
    public string? Subset => throw new NotImplementedException();

    /// <summary>Endpoints that could be tried by one call, those tried already included.</summary>
    public int Count => throw new NotImplementedException();

    /// <summary>Chooses an endpoint; <see langword="null"/> when the group has none that may be used.</summary>
    public MeshEndpoint? Pick(in PickContext context) => throw new NotImplementedException();
}
