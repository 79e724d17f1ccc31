using System.Net.Http.Headers;
using System.Runtime.CompilerServices;

namespace Mesh.Client.Attempts;

/// <summary>
/// Looks at parts of messages that the platform creates by being asked for them: options, headers and contents of nearly
/// every message are absent, and creating them only to find them empty would cost each call 40 to 240 bytes. Each
/// accessor is tried once; on a platform without the field the public property does the same for those bytes.
/// </summary>
internal static class HttpInternals
{
    private static readonly bool HasOptions = Probe(static () => _ = OptionsOf(new HttpRequestMessage()));
    private static readonly bool HasRequestHeaders = Probe(static () => _ = HeadersOf(new HttpRequestMessage()));
    private static readonly bool HasContent = Probe(static () => _ = ContentOf(new HttpResponseMessage()));
    private static readonly bool HasResponseHeaders = Probe(static () => _ = HeadersOf(new HttpResponseMessage()));

    private static readonly bool HasContentHeaders = Probe(static () =>
    {
        using var content = new ByteArrayContent([]);
        _ = HeadersOf((HttpContent)content);
        _ = ParentOf(content.Headers);
    });

    // What a response without content answers when asked for it.
    private static readonly Type EmptyContent = new HttpResponseMessage().Content.GetType();

    /// <summary>The request's options, or <see langword="null"/> when nothing ever set one.</summary>
    public static HttpRequestOptions? PeekOptions(HttpRequestMessage request) =>
        HasOptions ? OptionsOf(request) : request.Options;

    /// <summary>The request's headers, or <see langword="null"/> when nothing ever asked for them.</summary>
    public static HttpRequestHeaders? PeekHeaders(HttpRequestMessage request) =>
        HasRequestHeaders ? HeadersOf(request) : request.Headers;

    /// <summary>
    /// Gives a request without headers (see <see cref="PeekHeaders(HttpRequestMessage)"/>) those of somebody else, or
    /// takes them away again with <see langword="null"/>.
    /// </summary>
    public static void LendHeaders(HttpRequestMessage request, HttpRequestHeaders? headers) =>
        HeadersOf(request) = headers;

    /// <summary>The response's content, or <see langword="null"/> when there is none.</summary>
    public static HttpContent? PeekContent(HttpResponseMessage response)
    {
        var content = HasContent ? ContentOf(response) : response.Content;
        return content is null || content.GetType() == EmptyContent ? null : content;
    }

    /// <summary>The response's headers, or <see langword="null"/> when there are none.</summary>
    public static HttpResponseHeaders? PeekHeaders(HttpResponseMessage response) =>
        HasResponseHeaders ? HeadersOf(response) : response.Headers;

    /// <summary>
    /// Lets a content that wraps another show the other's headers: by sharing them, else by copying.
    /// </summary>
    /// <param name="wrapper">A new content, whose headers nobody has asked for yet.</param>
    /// <param name="inner">The content it wraps.</param>
    /// <param name="adopt">
    /// The length, where no header tells it, is that of the wrapper: it knows when it has been buffered.
    /// </param>
    public static void ShareHeaders(HttpContent wrapper, HttpContent inner, bool adopt)
    {
        if (HasContentHeaders)
        {
            var headers = inner.Headers;
            HeadersOf(wrapper) = headers;
            if (adopt)
            {
                ParentOf(headers) = wrapper;
            }

            return;
        }

        CopyHeaders(wrapper, inner);
    }

    /// <summary>Gives a content copies of another's headers.</summary>
    public static void CopyHeaders(HttpContent target, HttpContent source)
    {
        foreach (var header in source.Headers.NonValidated)
        {
            target.Headers.TryAddWithoutValidation(header.Key, header.Value);
        }
    }

    private static bool Probe(Action access)
    {
        try
        {
            access();
            return true;
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_options")]
    private static extern ref HttpRequestOptions? OptionsOf(HttpRequestMessage request);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_headers")]
    private static extern ref HttpRequestHeaders? HeadersOf(HttpRequestMessage request);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_content")]
    private static extern ref HttpContent? ContentOf(HttpResponseMessage response);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_headers")]
    private static extern ref HttpResponseHeaders? HeadersOf(HttpResponseMessage response);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_headers")]
    private static extern ref HttpContentHeaders? HeadersOf(HttpContent content);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_parent")]
    private static extern ref HttpContent ParentOf(HttpContentHeaders headers);
}
