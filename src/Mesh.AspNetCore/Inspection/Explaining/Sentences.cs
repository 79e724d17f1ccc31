using System.Globalization;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Mesh.Client.Routing;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>What is decided by words and figures, in sentences.</summary>
internal static class Sentences
{
    /// <summary>Why a host is, or is not, a mesh name.</summary>
    public static string Of(NameVerdict verdict, Uri uri, string service, MeshOptions options) => verdict switch
    {
        NameVerdict.Meshed when !uri.IsDefaultPort => $"Mesh:Upstreams:{service} lists this port",
        NameVerdict.Meshed when !uri.IdnHost.Contains('.') => "the host has no dot",
        NameVerdict.Meshed => "the host ends in a suffix of the mesh",
        NameVerdict.NotHttp => "the scheme is none of http, https, ws, wss",
        NameVerdict.Address => "the host is an address; only names are meshed",
        NameVerdict.Unlisted => $"Mesh:Adopt is Listed, and Mesh:Upstreams does not list '{service}'",
        NameVerdict.OtherPort =>
            $"port {uri.Port} is not that of the scheme, and Mesh:Upstreams:{service}:Port is not {uri.Port}",
        _ when uri.IdnHost == "localhost" => "localhost is this machine",
        _ => $"the host has a dot and none of the suffixes {string.Join(", ", options.Suffixes)}",
    };

    /// <summary>
    /// Why a route does not take a request. Conditions are the operator's words; of the request nothing is repeated.
    /// </summary>
    public static string Of(MatchFailure failure, MatchRule rule) => failure.Part switch
    {
        MatchPart.Method => $"the method is not {string.Join(" or ", rule.Methods!)}",
        MatchPart.Path => $"the path {string.Join(" or ", rule.Paths!.Select(Fails))}",
        MatchPart.Header => $"header {failure.Name} {Fails(rule.Headers![failure.Name])}",
        _ => $"query parameter {failure.Name} {Fails(rule.Query![failure.Name])}",
    };

    /// <summary>Why an endpoint is not used, and until when.</summary>
    public static string Of(EndpointSight sight, bool inReserve)
    {
        var text = Reason(sight);
        if (sight.Left is { } left)
        {
            text += sight.State == EndpointState.Ejected
                ? $"; for another {Span(left)}, then one call tries it"
                : $"; forgotten in {Span(left)} unless it happens again";
        }

        return inReserve ? $"{text}; only for a retry that has tried all candidates" : text;
    }

    public static string Span(TimeSpan span) => span.TotalSeconds switch
    {
        < 0.01 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0.##} ms"),
        < 1 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMilliseconds:0} ms"),
        < 120 => string.Create(CultureInfo.InvariantCulture, $"{span.TotalSeconds:0.#} s"),
        _ => string.Create(CultureInfo.InvariantCulture, $"{span.TotalMinutes:0.#} min"),
    };

    public static string Share(double ratio) =>
        string.Create(CultureInfo.InvariantCulture, $"{ratio * 100:0.##}%");

    private static string Reason(EndpointSight sight) => sight.Reason switch
    {
        MeshReasons.Vanished => "Consul no longer lists it, which is not believed yet",
        MeshReasons.ConnectRefused => "nobody listened there",
        MeshReasons.Draining => "it said that it is about to stop",
        MeshReasons.ConnectFailures => $"connects failed one after the other{Times(sight.Ejections)}",
        MeshReasons.ConsecutiveFailures => $"calls failed one after the other{Times(sight.Ejections)}",
        MeshReasons.AwaitsProbe => "its ejection is over: a call that could be repeated elsewhere tries it next",
        MeshReasons.Probing => "its ejection is over: one call is trying it right now",
        MeshReasons.Critical => "a health check in Consul is critical; used when nothing else is left",
        MeshReasons.Maintenance => "in maintenance; never used",
        null => "its state has just changed",
        var other => other.Replace('_', ' '),
    };

    private static string Times(int ejections) => ejections > 1 ? $" (time {ejections} in close succession)" : "";

    private static string Fails(StringMatch match) => match.Kind switch
    {
        StringMatchKind.Exact => $"is not '{match.Value}'",
        StringMatchKind.Prefix => $"does not start with '{match.Value}'",
        StringMatchKind.Suffix => $"does not end with '{match.Value}'",
        StringMatchKind.Regex => $"does not match '{match.Value}'",
        StringMatchKind.Present => "is missing",
        _ => "is there, and should not be",
    };
}
