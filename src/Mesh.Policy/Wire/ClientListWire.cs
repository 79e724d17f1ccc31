namespace Mesh.Policy;

/// <summary>The answer to <c>GET /v1/clients</c>.</summary>
public sealed record ClientListWire
{
    /// <summary>See <see cref="WireSchema.Current"/>.</summary>
    public int Schema { get; init; } = WireSchema.Current;

    /// <summary>The clients that reported lately, ordered by service and instance.</summary>
    public required IReadOnlyList<ClientListEntryWire> Clients { get; init; }
}
