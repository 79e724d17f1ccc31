using System.Diagnostics;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>
/// Paths carry order numbers, queries carry e-mail addresses, headers carry tokens: what is not allowed by name leaves the
/// span. Of an URL the scheme and the authority stay.
/// </summary>
internal sealed class SpanPrivacy(ISet<string> allowed)
{
    private static readonly string[] Urls = ["url.full", "http.url"];

    private static readonly string[] Typed =
        ["url.path", "url.query", "url.fragment", "http.target", "user_agent.original", "http.user_agent"];

    private static readonly string[] Headers = ["http.request.header.", "http.response.header."];

    // Who called: on spans of servers only, where the peer is a user as often as a service.
    private static readonly string[] Peers =
        ["client.address", "client.port", "network.peer.address", "network.peer.port", "http.client_ip"];

    public void Redact(Activity span)
    {
        foreach (var name in Urls)
        {
            if (span.GetTagItem(name) is { } url && !allowed.Contains(name))
            {
                span.SetTag(name, WithoutPath(url.ToString()));
            }
        }

        Remove(span, Typed);
        if (span.Kind == ActivityKind.Server)
        {
            Remove(span, Peers);
        }

        RemoveHeaders(span);
    }

    /// <summary><c>http://orders/*</c> for every path of <c>orders</c>; nothing for what is no URL.</summary>
    internal static string? WithoutPath(string? url) =>
        Uri.TryCreate(url, UriKind.Absolute, out var uri)
            ? $"{uri.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}/*"
            : null;

    private void Remove(Activity span, string[] names)
    {
        foreach (var name in names)
        {
            if (span.GetTagItem(name) is not null && !allowed.Contains(name))
            {
                span.SetTag(name, null);
            }
        }
    }

    private void RemoveHeaders(Activity span)
    {
        List<string>? found = null;
        foreach (ref readonly var tag in span.EnumerateTagObjects())
        {
            foreach (var prefix in Headers)
            {
                if (tag.Key.StartsWith(prefix, StringComparison.Ordinal) && !allowed.Contains(tag.Key))
                {
                    (found ??= []).Add(tag.Key);
                }
            }
        }

        foreach (var name in found ?? [])
        {
            span.SetTag(name, null);
        }
    }
}
