using System.Globalization;

namespace Mesh.Client.Discovery;

/// <summary>
/// An endpoint written in configuration: <c>host:port</c>, <c>http://host:port</c>, <c>[v6]:port</c>, or
/// <c>http://host</c> for port 80.
/// </summary>
internal static class StaticEndpoint
{
    private const string Http = "http://";

    /// <summary>Reads one.</summary>
    /// <param name="text">What is configured.</param>
    /// <param name="endpoint">The endpoint; its ID is <c>host:port</c>.</param>
    /// <param name="problem">What is wrong and what to write instead.</param>
    public static bool TryParse(
        string text,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out EndpointInfo? endpoint,
        [System.Diagnostics.CodeAnalysis.NotNullWhen(false)] out string? problem)
    {
        endpoint = null;
        problem = null;
        var hasScheme = text.StartsWith(Http, StringComparison.OrdinalIgnoreCase);
        if (!hasScheme && text.Contains("://", StringComparison.Ordinal))
        {
            problem = $"'{text}' has a scheme other than http; write host:port or http://host:port.";
            return false;
        }

        var authority = (hasScheme ? text[Http.Length..] : text).Trim().TrimEnd('/');
        var colon = authority.LastIndexOf(':');
        var hasPort = colon > authority.LastIndexOf(']');
        var host = hasPort ? authority[..colon] : authority;
        var port = 80;
        if (hasPort ? !TryPort(authority[(colon + 1)..], out port) : !hasScheme)
        {
            problem = $"'{text}' has no port between 1 and 65535; write host:port, [v6]:port or http://host:port.";
            return false;
        }

        var bare = host.StartsWith('[') && host.EndsWith(']') ? host[1..^1] : host;
        if (Uri.CheckHostName(bare) is UriHostNameType.Unknown or UriHostNameType.Basic ||
            (bare.Contains(':') && bare.Length == host.Length))
        {
            problem = $"'{text}' has no valid host; write host:port, [v6]:port or http://host:port.";
            return false;
        }

        var id = string.Create(CultureInfo.InvariantCulture, $"{host}:{port}");
        endpoint = new EndpointInfo { Id = id, Host = bare, Port = port };
        return true;
    }

    private static bool TryPort(string text, out int port) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out port) && port is > 0 and <= 65535;
}
