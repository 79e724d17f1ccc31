using System.Net;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Follows redirects as the platform's handler does, but within the service only: a redirect to somewhere else is the
/// caller's to judge, since following it would leave the mesh with headers meant for the service.
/// </summary>
internal static class Redirects
{
    /// <summary>Turns the request to where the answer sends it; false when it is not to be followed.</summary>
    public static bool TryFollow(HttpRequestMessage request, HttpResponseMessage response, MeshNames names, string service)
    {
        if (Target(request, response) is not { } target
            || !names.TryGetService(target, out var name)
            || name != service
            || (request.RequestUri!.Scheme == Uri.UriSchemeHttps && target.Scheme != Uri.UriSchemeHttps))
        {
            return false;
        }

        request.RequestUri = target;
        request.Headers.Authorization = null;
        if (BecomesGet(response.StatusCode, request.Method))
        {
            request.Method = HttpMethod.Get;
            request.Content = null;
            if (request.Headers.TransferEncodingChunked == true)
            {
                request.Headers.TransferEncodingChunked = false;
            }
        }

        return true;
    }

    private static Uri? Target(HttpRequestMessage request, HttpResponseMessage response)
    {
        if ((int)response.StatusCode is not (300 or 301 or 302 or 303 or 307 or 308)
            || response.Headers.Location is not { } location)
        {
            return null;
        }

        var from = request.RequestUri!;
        if (!Uri.TryCreate(from, location, out var target))
        {
            return null;
        }

        return from.Fragment.Length > 0 && target.Fragment.Length == 0
            ? new UriBuilder(target) { Fragment = from.Fragment }.Uri
            : target;
    }

    private static bool BecomesGet(HttpStatusCode status, HttpMethod method) => (int)status switch
    {
        300 or 301 or 302 => method == HttpMethod.Post,
        303 => method != HttpMethod.Get && method != HttpMethod.Head,
        _ => false,
    };
}
