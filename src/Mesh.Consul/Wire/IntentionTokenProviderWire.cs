namespace Mesh.Consul;

/// <summary>A token provider as Consul writes it.</summary>
internal sealed class IntentionTokenProviderWire
{
    public string? Name { get; set; }

    public IntentionClaimWire?[]? VerifyClaims { get; set; }

    public IntentionTokenProvider ToModel() => new()
    {
        Name = Name ?? "",
        Claims =
        [
            .. (VerifyClaims ?? []).OfType<IntentionClaimWire>()
                .Select(c => new IntentionClaim { Path = c.Path ?? [], Value = c.Value ?? "" }),
        ],
    };
}
