using System.Collections.Frozen;
using System.Diagnostics;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>
/// Paths carry order numbers, queries carry e-mail addresses, headers carry tokens: what is not allowed by name leaves
/// the span. Of an URL that is called the scheme and the authority stay; of one that was asked for nothing does, since
/// whoever asks writes the host, too. One pass over the tags of a span; the ordinary one costs a string.
/// </summary>
internal sealed class SpanPrivacy
{
    private static readonly string[] Urls = ["url.full", "http.url"];

    private static readonly string[] Typed =
    [
        "url.path", "url.query", "url.fragment", "http.target", "user_agent.original", "http.user_agent",
        "http.request.method_original",
    ];

    // Who called, and by which name: on spans of servers only, where the peer is a user as often as a service.
    private static readonly string[] Peers =
    [
        "client.address", "client.port", "network.peer.address", "network.peer.port", "http.client_ip",
        "server.address", "server.port", "http.host", "net.host.name", "net.host.port",
    ];

    private readonly ISet<string> _allowed;
    private readonly FrozenSet<string> _urls;
    private readonly FrozenSet<string> _ofClients;
    private readonly FrozenSet<string> _ofServers;

    public SpanPrivacy(ISet<string> allowed)
    {
        _allowed = allowed;
        _urls = Urls.Except(allowed).ToFrozenSet(StringComparer.Ordinal);
        _ofClients = Typed.Except(allowed).ToFrozenSet(StringComparer.Ordinal);
        _ofServers = Typed.Concat(Peers).Concat(Urls).Except(allowed).ToFrozenSet(StringComparer.Ordinal);
    }

    public void Redact(Activity span)
    {
        var isServer = span.Kind == ActivityKind.Server;
        var unwanted = isServer ? _ofServers : _ofClients;
        (string? url, string? urlValue) = (null, null);
        List<string>? removed = null;
        foreach (ref readonly var tag in span.EnumerateTagObjects())
        {
            // Nearly all tags are told apart from the suspicious ones by their first letter.
            if (tag.Key.Length == 0 || tag.Key[0] is not ('u' or 'h' or 'c' or 'n' or 's'))
            {
                continue;
            }

            // What a span of a client always has, and nothing else as a rule.
            if (!isServer && url is null && _urls.Contains(tag.Key))
            {
                (url, urlValue) = (tag.Key, WithoutPath(tag.Value as string));
            }
            else if (unwanted.Contains(tag.Key) || _urls.Contains(tag.Key) || IsHeader(tag.Key))
            {
                (removed ??= []).Add(tag.Key);
            }
        }

        if (url is not null)
        {
            span.SetTag(url, urlValue);
        }

        if (removed is not null)
        {
            foreach (var name in removed)
            {
                span.SetTag(name, null);
            }
        }
    }

    /// <summary><c>http://orders/*</c> for every path of <c>orders</c>; nothing for what is no URL.</summary>
    internal static string? WithoutPath(string? url)
    {
        var start = url?.IndexOf("://", StringComparison.Ordinal) ?? -1;
        if (start <= 0)
        {
            return null;
        }

        var rest = url.AsSpan(start + 3);
        var end = rest.IndexOfAny('/', '?', '#');
        var authority = end < 0 ? rest : rest[..end];
        authority = authority[(authority.LastIndexOf('@') + 1)..];
        return $"{url.AsSpan(0, start)}://{authority}/*";
    }

    private bool IsHeader(string key) =>
        (key.StartsWith("http.request.header.", StringComparison.Ordinal)
            || key.StartsWith("http.response.header.", StringComparison.Ordinal))
        && !_allowed.Contains(key);
}
