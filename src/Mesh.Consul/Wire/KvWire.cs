namespace Mesh.Consul;

/// <summary>A key as Consul writes it; the value is base64, or null when empty.</summary>
internal sealed class KvWire
{
    public string? Key { get; set; }

    public byte[]? Value { get; set; }

    public ulong? CreateIndex { get; set; }

    public ulong? ModifyIndex { get; set; }

    public ulong? Flags { get; set; }

    public KvEntry ToModel() => new(Key ?? "", Value ?? [], CreateIndex ?? 0, ModifyIndex ?? 0, Flags ?? 0);
}
