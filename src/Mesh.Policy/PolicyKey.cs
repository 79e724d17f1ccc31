using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Serialization;
using Mesh.Policy.Language;

namespace Mesh.Policy;

/// <summary>The name of a document: its key in Consul KV without the mesh's prefix (<c>mesh/</c> by default).</summary>
/// <param name="Kind">What the document says.</param>
/// <param name="Scope">To whom it applies.</param>
/// <param name="Name">The service or caller; <see langword="null"/> for <see cref="PolicyScope.Global"/>.</param>
[JsonConverter(typeof(PolicyKeyConverter))]
public sealed record PolicyKey(PolicyDocumentKind Kind, PolicyScope Scope, string? Name)
{
    private static readonly string[] KindWords = ["policy", "security", "switches"];

    /// <summary><c>policy/global</c>.</summary>
    public static PolicyKey GlobalTraffic { get; } = new(PolicyDocumentKind.Traffic, PolicyScope.Global, null);

    /// <summary><c>switches/global</c>.</summary>
    public static PolicyKey GlobalSwitches { get; } = new(PolicyDocumentKind.Switches, PolicyScope.Global, null);

    /// <summary><c>security/global</c>.</summary>
    public static PolicyKey GlobalSecurity { get; } = new(PolicyDocumentKind.Security, PolicyScope.Global, null);

    /// <summary><c>policy/services/&lt;service&gt;</c>: calls to <paramref name="service"/>.</summary>
    public static PolicyKey TrafficTo(string service) => new(PolicyDocumentKind.Traffic, PolicyScope.Service, service);

    /// <summary><c>security/services/&lt;service&gt;</c>: the door of <paramref name="service"/>, and its own calls.</summary>
    public static PolicyKey SecurityOf(string service) =>
        new(PolicyDocumentKind.Security, PolicyScope.Service, service);

    /// <summary><c>switches/services/&lt;service&gt;</c>: calls to <paramref name="service"/>.</summary>
    public static PolicyKey SwitchesTo(string service) =>
        new(PolicyDocumentKind.Switches, PolicyScope.Service, service);

    /// <summary><c>switches/callers/&lt;caller&gt;</c>: calls made by <paramref name="caller"/>.</summary>
    public static PolicyKey SwitchesOf(string caller) => new(PolicyDocumentKind.Switches, PolicyScope.Caller, caller);

    /// <summary>Reads a key relative to the mesh's prefix, e.g. <c>policy/services/orders</c>.</summary>
    /// <returns>False when no document can have this key.</returns>
    public static bool TryParse(string? relativeKey, [NotNullWhen(true)] out PolicyKey? key) =>
        TryParse(relativeKey, out key, out _);

    /// <summary>Reads a key and, when it is none, says why in one sentence.</summary>
    /// <param name="relativeKey">The key without the mesh's prefix.</param>
    /// <param name="key">The key.</param>
    /// <param name="reason">Why no document can have this key, with what was probably meant.</param>
    public static bool TryParse(
        string? relativeKey, [NotNullWhen(true)] out PolicyKey? key, [NotNullWhen(false)] out string? reason)
    {
        key = null;
        reason = null;
        var parts = (relativeKey ?? "").Split('/');
        var kind = Array.IndexOf(KindWords, parts[0]);
        if (kind < 0)
        {
            reason = $"A key starts with policy/, security/ or switches/, not \"{parts[0]}\"" +
                     DidYouMean(Suggestions.Closest(parts[0], KindWords));
            return false;
        }

        if (parts is [_, "global"])
        {
            key = new PolicyKey((PolicyDocumentKind)kind, PolicyScope.Global, null);
            return true;
        }

        return TryParseNamed((PolicyDocumentKind)kind, parts, out key, out reason);
    }

    /// <summary>True when <paramref name="name"/> can be the name of a service in a key.</summary>
    /// <remarks>
    /// Lower case, because the host of a URL always arrives in lower case: a document under <c>Orders</c> would never
    /// be found. Digits, hyphen, underscore and dot are allowed inside; at most 128 characters.
    /// </remarks>
    public static bool IsServiceName([NotNullWhen(true)] string? name) => Names.IsService(name);

    /// <summary>
    /// The key relative to the mesh's prefix, as <see cref="TryParse(string?, out PolicyKey?)"/> reads it.
    /// </summary>
    public override string ToString() => Scope switch
    {
        PolicyScope.Global => $"{KindWords[(int)Kind]}/global",
        PolicyScope.Service => $"{KindWords[(int)Kind]}/services/{Name}",
        _ => $"{KindWords[(int)Kind]}/callers/{Name}",
    };

    private static bool TryParseNamed(
        PolicyDocumentKind kind,
        string[] parts,
        [NotNullWhen(true)] out PolicyKey? key,
        [NotNullWhen(false)] out string? reason)
    {
        key = null;
        string[] scopes = kind == PolicyDocumentKind.Switches
            ? ["global", "services", "callers"]
            : ["global", "services"];
        if (parts is not [_, ("services" or "callers") and var scope, var name] || !scopes.Contains(scope))
        {
            var second = parts.Length > 1 ? parts[1] : "";
            var forms = string.Join(
                ", ", scopes.Select(s => s == "global" ? $"{parts[0]}/global" : $"{parts[0]}/{s}/<name>"));
            reason = $"Keys of this kind are {forms}" + DidYouMean(Suggestions.Closest(second, scopes));
            return false;
        }

        if (!Names.IsService(name))
        {
            reason = $"\"{name}\" is not a service name: lower-case letters, digits, '-', '_' and '.', at most 128" +
                     DidYouMean(Names.IsService(name.ToLowerInvariant()) ? name.ToLowerInvariant() : null);
            return false;
        }

        reason = null;
        key = new PolicyKey(kind, scope == "services" ? PolicyScope.Service : PolicyScope.Caller, name);
        return true;
    }

    private static string DidYouMean(string? suggestion) =>
        suggestion is null ? "." : $"; did you mean \"{suggestion}\"?";
}
