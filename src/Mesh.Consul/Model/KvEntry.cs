namespace Mesh.Consul;

/// <summary>A key with its value.</summary>
/// <param name="Key">The full key.</param>
/// <param name="Value">The raw value; empty when the key has none.</param>
/// <param name="CreateIndex">Index of its creation.</param>
/// <param name="ModifyIndex">Index of its last change; what check-and-set compares.</param>
/// <param name="Flags">The application's own number.</param>
public sealed record KvEntry(string Key, ReadOnlyMemory<byte> Value, ulong CreateIndex, ulong ModifyIndex, ulong Flags);
