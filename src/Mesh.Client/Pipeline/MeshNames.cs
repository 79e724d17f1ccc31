using System.Collections.Concurrent;
using System.Collections.Frozen;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Decides, from the URI alone, which requests are for the mesh and which service they mean. A mesh name is a DNS host that
/// has no dot, or ends in a configured suffix; at the scheme's default port, or at the port its upstream declares.
/// </summary>
internal sealed class MeshNames
{
    /// <summary>
    /// Hosts with a suffix are remembered, because taking the suffix off makes a string. The bound keeps a caller that
    /// puts user input into host names from growing the process; beyond it names still work, they only cost a string.
    /// </summary>
    private const int MaxRemembered = 1024;

    private readonly string[] _suffixes;
    private readonly bool _listedOnly;

    /// <summary>The declared upstreams, with the port that is theirs besides the scheme's default (0: none).</summary>
    private readonly FrozenDictionary<string, int> _declared;

    private readonly ConcurrentDictionary<string, string> _stripped = new(StringComparer.Ordinal);
    private int _remembered;

    public MeshNames(MeshOptions options)
    {
        // The longest first, so that of two nested suffixes the closer one is taken off.
        _suffixes = options.Suffixes.Select(s => s.ToLowerInvariant()).Distinct(StringComparer.Ordinal)
            .OrderByDescending(s => s.Length).ToArray();
        _listedOnly = options.Adopt == MeshAdoption.Listed;
        _declared = options.Upstreams
            .GroupBy(u => u.Key.ToLowerInvariant(), StringComparer.Ordinal)
            .ToFrozenDictionary(g => g.Key, g => g.First().Value.Port ?? 0, StringComparer.Ordinal);
    }

    /// <summary>Whether a request to this URI is for the mesh.</summary>
    /// <param name="uri">The request's URI, as the handler sees it.</param>
    /// <param name="name">The service meant: lower case, without a suffix.</param>
    public bool TryGetService(Uri uri, out string name)
    {
        if (Judge(uri, out name) == NameVerdict.Meshed)
        {
            return true;
        }

        name = "";
        return false;
    }

    /// <summary>Whether a request to this host (lower case) and port is for the mesh; for who has no URI at hand.</summary>
    public bool TryGetService(string scheme, string host, int port, out string name)
    {
        name = "";
        var isDefault = (scheme is "http" or "ws" && port == 80) || (scheme is "https" or "wss" && port == 443);
        return IsHttp(scheme) && !host.Contains(':') && TryGetService(host, out name) &&
            Adoption(name, port, isDefault) == NameVerdict.Meshed;
    }

    /// <summary>Whether a request to this URI is for the mesh, and the first reason why it is not.</summary>
    /// <param name="uri">The request's URI, as the handler sees it.</param>
    /// <param name="name">The service the host would mean; empty when it means none.</param>
    public NameVerdict Judge(Uri uri, out string name)
    {
        name = "";
        if (!uri.IsAbsoluteUri || !IsHttp(uri.Scheme))
        {
            return NameVerdict.NotHttp;
        }

        if (uri.HostNameType != UriHostNameType.Dns)
        {
            return NameVerdict.Address;
        }

        if (TryGetService(uri.IdnHost, out name))
        {
            return Adoption(name, uri.Port, uri.IsDefaultPort);
        }

        name = "";
        return NameVerdict.Foreign;
    }

    /// <summary>The schemes <see cref="SocketsHttpHandler"/> speaks; the last two are what WebSocket clients use.</summary>
    private static bool IsHttp(string scheme) => scheme is "http" or "https" or "ws" or "wss";

    /// <remarks><see cref="Uri"/> gives DNS hosts in lower case, and <see cref="Uri.IdnHost"/> non-ASCII ones in punycode.</remarks>
    private bool TryGetService(string host, out string name)
    {
        name = host;
        if (!host.Contains('.'))
        {
            return host.Length > 0 && host != "localhost";
        }

        foreach (var suffix in _suffixes)
        {
            if (host.Length > suffix.Length && host.EndsWith(suffix, StringComparison.Ordinal))
            {
                name = Strip(host, suffix);
                return true;
            }
        }

        return false;
    }

    private string Strip(string host, string suffix)
    {
        if (_stripped.TryGetValue(host, out var known))
        {
            return known;
        }

        var name = host[..^suffix.Length];
        if (Volatile.Read(ref _remembered) < MaxRemembered && _stripped.TryAdd(host, name))
        {
            Interlocked.Increment(ref _remembered);
        }

        return name;
    }

    private NameVerdict Adoption(string name, int port, bool isDefaultPort)
    {
        if (!_listedOnly && isDefaultPort)
        {
            return NameVerdict.Meshed;
        }

        if (!_declared.TryGetValue(name, out var declared))
        {
            return isDefaultPort ? NameVerdict.Unlisted : NameVerdict.OtherPort;
        }

        return isDefaultPort || port == declared ? NameVerdict.Meshed : NameVerdict.OtherPort;
    }
}
