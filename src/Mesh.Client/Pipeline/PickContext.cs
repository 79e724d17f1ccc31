namespace Mesh.Client.Pipeline;

/// <summary>What a pick needs to know about its call.</summary>
/// <param name="now">Timestamp of the <see cref="TimeProvider"/>.</param>
/// <param name="tried">Endpoints this call tried already; avoided while others remain.</param>
/// <param name="replaceable">The call could be tried again elsewhere, so it may serve as a probe of an ejected endpoint.</param>
/// <param name="hashKey">The request's hash key.</param>
internal readonly ref struct PickContext(
    long now, ReadOnlySpan<MeshEndpoint> tried, bool replaceable, string? hashKey)
{
    public long Now { get; } = now;

    public ReadOnlySpan<MeshEndpoint> Tried { get; } = tried;

    public bool Replaceable { get; } = replaceable;

    public string? HashKey { get; } = hashKey;
}
