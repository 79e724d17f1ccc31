namespace Mesh.Consul;

/// <summary>The tokens that an intention or a permission asks for, as Consul writes them.</summary>
internal sealed class IntentionTokensWire
{
    public IntentionTokenProviderWire?[]? Providers { get; set; }

    public IntentionTokenProvider[] ToModel() =>
        [.. (Providers ?? []).OfType<IntentionTokenProviderWire>().Select(p => p.ToModel())];
}
