using System.Globalization;
using System.Net.Http.Headers;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The headers that the mesh writes on a request for one hop. It is their only author: an application that copies what it
/// was sent must not speak for the mesh, and an endpoint that is no member hears nothing of it.
/// </summary>
internal struct HopHeaders
{
    private static readonly string[] Names =
        [MeshHeaders.Caller, MeshHeaders.Attempt, MeshHeaders.Deadline, MeshHeaders.Criticality];

    private List<KeyValuePair<string, string[]>>? _taken;
    private bool _lent;
    private bool _named;
    private bool _numbered;
    private bool _timed;
    private bool _weighed;

    /// <summary>Makes the request ready for the attempt that <paramref name="call"/> has just begun.</summary>
    public void PutOn(MeshCall call)
    {
        var headers = HttpInternals.PeekHeaders(call.Request);
        if (headers is not null)
        {
            TakeAway(headers);
        }

        if (!call.Endpoint.Info.IsMember)
        {
            return;
        }

        if (headers is null)
        {
            // A request without any headers borrows some that already name the caller: its own would cost 150 bytes.
            headers = call.OwnHeaders();
            HttpInternals.LendHeaders(call.Request, headers);
            _lent = true;
        }
        else
        {
            _named = headers.TryAddWithoutValidation(MeshHeaders.Caller, call.Services.Caller);
        }

        if (call.Attempts > 1)
        {
            _numbered = headers.TryAddWithoutValidation(
                MeshHeaders.Attempt, call.Attempts.ToString(CultureInfo.InvariantCulture));
        }

        if (call.Left is { } left)
        {
            _timed = headers.TryAddWithoutValidation(MeshHeaders.Deadline, Milliseconds(left));
        }

        if (call.Criticality is { } criticality)
        {
            _weighed = headers.TryAddWithoutValidation(MeshHeaders.Criticality, criticality.Word());
        }
    }

    /// <summary>Leaves the request's headers as the application made them.</summary>
    public void TakeOff(MeshCall call)
    {
        if (_numbered)
        {
            call.Request.Headers.Remove(MeshHeaders.Attempt);
        }

        if (_weighed)
        {
            call.Request.Headers.Remove(MeshHeaders.Criticality);
        }

        if (_timed)
        {
            call.Request.Headers.Remove(MeshHeaders.Deadline);
        }

        if (_named)
        {
            call.Request.Headers.Remove(MeshHeaders.Caller);
        }

        if (_lent)
        {
            TakeBack(call);
        }

        if (_taken is not null)
        {
            GiveBack(call.Request.Headers, _taken);
        }

        this = default;
    }

    /// <summary>Rounded up, so that it never says that there is no time at all.</summary>
    private static string Milliseconds(TimeSpan left) =>
        Math.Max(1, (long)Math.Ceiling(left.TotalMilliseconds)).ToString(CultureInfo.InvariantCulture);

    private static void GiveBack(HttpRequestHeaders headers, List<KeyValuePair<string, string[]>> taken)
    {
        foreach (var (name, values) in taken)
        {
            headers.TryAddWithoutValidation(name, values);
        }
    }

    private static void TakeBack(MeshCall call)
    {
        var headers = call.OwnHeaders();
        if (headers.NonValidated.Count == 1)
        {
            HttpInternals.LendHeaders(call.Request, null);
            return;
        }

        // The platform wrote something too, such as a trace context, that the application may look for: it is the
        // request's now.
        headers.Remove(MeshHeaders.Caller);
        call.GiveHeadersAway();
    }

    private void TakeAway(HttpRequestHeaders headers)
    {
        foreach (var name in Names)
        {
            if (headers.NonValidated.TryGetValues(name, out var values))
            {
                (_taken ??= []).Add(new(name, [.. values]));
                headers.Remove(name);
            }
        }
    }
}
