using System.Net;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// An attempt's hold on its endpoint after the response headers: given up at once when no body follows, else left with the
/// body. Headers are not the end of a response; load that is still being sent is load.
/// </summary>
internal static class EndpointLease
{
    /// <summary>Ends the attempt with its answer, now or when the body ends.</summary>
    public static void Leave(
        MeshEndpoint endpoint,
        HttpRequestMessage request,
        HttpResponseMessage response,
        BodyTerms terms,
        CancellationTokenRegistration caller)
    {
        if (HttpInternals.PeekContent(response) is { } content && HasBody(request, response, content))
        {
            response.Content = new LeaseContent(response, content, endpoint, terms, caller);
        }
        else
        {
            endpoint.EndLease(caller);
        }
    }

    /// <summary>Gives the endpoint up, and the tie between its request and the caller's token.</summary>
    public static void EndLease(this MeshEndpoint endpoint, CancellationTokenRegistration caller)
    {
        endpoint.End();
        if (caller != default)
        {
            caller.Unregister();
        }
    }

    private static bool HasBody(HttpRequestMessage request, HttpResponseMessage response, HttpContent content)
    {
        if (request.Method == HttpMethod.Head
            || response.StatusCode is HttpStatusCode.NoContent or HttpStatusCode.NotModified)
        {
            return false;
        }

        // Unparsed: parsing a length allocates it.
        return AnswerTable.Value(content.Headers, "Content-Length") != "0";
    }
}
