namespace Shop.Host.Security;

/// <summary>What was seen on the wire in front of one instance.</summary>
internal sealed record MtlsRelay(
    string Instance, long Connections, long Bytes, long Records, long Violations, long Canaries);
