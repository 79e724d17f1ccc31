using Mesh.Policy.Merging;

namespace Mesh.Policy;

/// <summary>
/// Makes the security documents that concern one service into what is in force at its door: built-in defaults, over
/// them the global document, over it the service's own, and what the global document locks as the least of it.
/// </summary>
public static class SecurityMerger
{
    /// <summary>The origin of a value that a service said less than, or nothing about, because it is locked.</summary>
    private const string Locked = "global:locked";

    /// <summary>Merges.</summary>
    /// <param name="service">The service whose door it is.</param>
    /// <param name="global">The document <c>security/global</c>, if there is an accepted one.</param>
    /// <param name="serviceDocument">
    /// The document <c>security/services/&lt;service&gt;</c>, if there is an accepted one.
    /// </param>
    /// <returns>A policy in which every value is concrete and has its origin.</returns>
    public static SecurityPolicy Merge(string service, SecurityDocument? global, SecurityDocument? serviceDocument)
    {
        ArgumentException.ThrowIfNullOrEmpty(service);
        var origins = new Dictionary<string, string>(StringComparer.Ordinal);
        var none = new SecurityPolicy { Service = service };
        var locksRules = global?.Locks(SecurityLocks.Authorization) == true;
        var inherited = locksRules ? null : global?.Inbound?.Authorization;
        var own = serviceDocument?.Inbound?.Authorization;
        if (locksRules)
        {
            origins["/inbound/lockedAuthorization"] = Locked;
        }

        origins["/inbound/authorization"] =
            own is not null ? OriginBook.Service : inherited is not null ? OriginBook.Global : OriginBook.Default;
        origins["/outbound/plaintext"] = serviceDocument?.Outbound?.Plaintext is not null ? OriginBook.Service
            : global?.Outbound?.Plaintext is not null ? OriginBook.Global
            : OriginBook.Default;
        return none with
        {
            InboundTls = Least(
                SecurityLocks.InboundTls, none.InboundTls, global, global?.Inbound?.Tls, serviceDocument?.Inbound?.Tls,
                origins),
            Intentions = Least(
                SecurityLocks.Intentions, none.Intentions, global, global?.Inbound?.Intentions,
                serviceDocument?.Inbound?.Intentions, origins),
            OutboundTls = Least(
                SecurityLocks.OutboundTls, none.OutboundTls, global, global?.Outbound?.Tls,
                serviceDocument?.Outbound?.Tls, origins),
            OutboundPlaintext = serviceDocument?.Outbound?.Plaintext ?? global?.Outbound?.Plaintext ?? [],
            Authorization = own ?? inherited,
            LockedAuthorization = locksRules ? global?.Inbound?.Authorization : null,
            Origins = origins,
        };
    }

    private static T Least<T>(
        string path, T builtIn, SecurityDocument? global, T? inherited, T? own, Dictionary<string, string> origins)
        where T : struct, Enum
    {
        var isLocked = inherited is not null && global!.Locks(path);
        var (value, origin) = (inherited, own) switch
        {
            ({ } least, _) when isLocked && (own is null || Comparer<T>.Default.Compare(own.Value, least) < 0) =>
                (least, Locked),
            (_, { } said) => (said, OriginBook.Service),
            ({ } from, null) => (from, OriginBook.Global),
            _ => (builtIn, OriginBook.Default),
        };
        origins["/" + path.Replace('.', '/')] = origin;
        return value;
    }
}
