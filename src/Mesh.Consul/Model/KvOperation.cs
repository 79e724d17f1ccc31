namespace Mesh.Consul;

/// <summary>One step of a transaction.</summary>
/// <param name="Verb">What to do.</param>
/// <param name="Key">The full key.</param>
/// <param name="Value">What to write.</param>
/// <param name="Index">What <c>cas</c> verbs compare.</param>
public sealed record KvOperation(KvVerb Verb, string Key, ReadOnlyMemory<byte> Value = default, ulong Index = 0);
