using System.Diagnostics;
using System.Globalization;
using Mesh.Client.Attempts;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Pipeline;

/// <summary>
/// What an attempt changes in the application's request, and takes back when the attempt ends: users and loggers look at
/// the request afterwards, and handlers outside may send it again.
/// </summary>
internal struct RequestDress
{
    private const string PreviousAttempts = "grpc-previous-rpc-attempts";

    private Version? _version;
    private HttpVersionPolicy _policy;
    private string? _grpcTimeout;
    private bool _timed;
    private string? _previous;
    private HopHeaders _hop;
    private bool _tagged;
    private bool _counted;
    private bool _emptied;

    /// <summary>Makes the request ready for the attempt that <paramref name="call"/> has just begun.</summary>
    /// <param name="call">The call.</param>
    /// <param name="secure">It is sent over mutual TLS of the mesh.</param>
    public void PutOn(MeshCall call, bool secure)
    {
        var request = call.Request;
        (_version, _policy) = (request.Version, request.VersionPolicy);
        (request.Version, request.VersionPolicy) = secure
            ? SecureWireVersion.For(request, call.Endpoint.Info, call.Runtime.Policy.Protocol, call.IsGrpc, call.IsSync, call)
            : WireVersion.For(request);
        if (call.Replay is { } replay)
        {
            request.Content = replay.CreateContent(whole: secure && request.Version.Major >= 2);
        }
        else if (request.Content is null && !call.Repeatable && IsResentByThePlatform(request))
        {
            // The same on the wire, but now the platform holds the body for begun.
            request.Content = new ByteArrayContent([]);
            _emptied = true;
        }

        _hop.PutOn(call);
        if (call.IsGrpc)
        {
            PutOnGrpcHeaders(call);
        }

        if ((call.Attempts > 1 || call.Group.Subset is not null)
            && (Activity.Current is not null || MeshActivity.Source.HasListeners()))
        {
            request.Options.Set(AttemptTags.Key, new AttemptTags(call.Attempts - 1, call.Group.Subset));
            _tagged = true;
        }
    }

    /// <summary>Leaves the request as the application made it.</summary>
    public void TakeOff(MeshCall call)
    {
        if (_version is null)
        {
            // Never put on: the endpoint's transport was gone.
            return;
        }

        // First: of a request that the application has disposed, only the headers can still be changed.
        _hop.TakeOff(call);
        var request = call.Request;
        (request.Version, request.VersionPolicy) = (_version, _policy);
        if (call.Replay is { } replay)
        {
            request.Content = replay.Original;
        }
        else if (_emptied)
        {
            request.Content = null;
        }

        if (_tagged)
        {
            ((IDictionary<string, object?>)request.Options).Remove(AttemptTags.Key.Key);
        }

        if (_counted)
        {
            request.Headers.Remove(PreviousAttempts);
            if (_previous is not null)
            {
                request.Headers.TryAddWithoutValidation(PreviousAttempts, _previous);
            }
        }

        if (_timed)
        {
            request.Headers.Remove(GrpcTimeout.Header);
            if (_grpcTimeout is not null)
            {
                request.Headers.TryAddWithoutValidation(GrpcTimeout.Header, _grpcTimeout);
            }
        }

        this = default;
    }

    /// <summary>
    /// What has no body, the platform sends a second time by itself when an HTTP/1.1 connection it had used before ends
    /// without an answer, whatever the method; the server may have executed it all the same.
    /// </summary>
    private static bool IsResentByThePlatform(HttpRequestMessage request) =>
        request.Version.Major < 2 || request.VersionPolicy != HttpVersionPolicy.RequestVersionExact;

    private void PutOnGrpcHeaders(MeshCall call)
    {
        // A first attempt has what the application wrote, unless the request it serves has less time.
        if ((call.Attempts > 1 || call.DeadlineIsServed) && call.WholeLeft is { } left)
        {
            var headers = call.Request.Headers;
            _grpcTimeout = AnswerTable.Value(headers, GrpcTimeout.Header);
            _timed = true;
            headers.Remove(GrpcTimeout.Header);
            headers.TryAddWithoutValidation(GrpcTimeout.Header, GrpcTimeout.Format(left));
        }

        if (call.Attempts > 1)
        {
            CountAttempts(call);
        }
    }

    private void CountAttempts(MeshCall call)
    {
        var headers = call.Request.Headers;

        // A gRPC client that retries by itself has counted its own attempts already.
        _previous = AnswerTable.Value(headers, PreviousAttempts);
        headers.Remove(PreviousAttempts);
        _ = int.TryParse(_previous, NumberStyles.None, CultureInfo.InvariantCulture, out var others);
        _counted = headers.TryAddWithoutValidation(
            PreviousAttempts, (others + call.Attempts - 1).ToString(CultureInfo.InvariantCulture));
    }
}
