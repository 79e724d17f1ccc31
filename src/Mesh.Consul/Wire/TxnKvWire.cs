namespace Mesh.Consul;

/// <summary>A step on a key as Consul reads it.</summary>
internal sealed class TxnKvWire
{
    public required string Verb { get; init; }

    public required string Key { get; init; }

    public byte[]? Value { get; init; }

    public ulong? Index { get; init; }

    public static TxnKvWire From(KvOperation operation)
    {
        var (verb, writes, compares) = operation.Verb switch
        {
            KvVerb.Set => ("set", true, false),
            KvVerb.CheckAndSet => ("cas", true, true),
            KvVerb.Delete => ("delete", false, false),
            KvVerb.DeleteCheckAndSet => ("delete-cas", false, true),
            KvVerb.CheckIndex => ("check-index", false, true),
            _ => throw new ArgumentOutOfRangeException(nameof(operation), operation.Verb, "Unknown verb."),
        };
        return new TxnKvWire
        {
            Verb = verb,
            Key = operation.Key,
            Value = writes ? operation.Value.ToArray() : null,
            Index = compares ? operation.Index : null,
        };
    }
}
