using System.Globalization;
using System.Runtime.ExceptionServices;
using System.Text;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>Tells the application that a call failed, and all that helps to find out why.</summary>
internal static class CallFailures
{
    /// <summary>Nothing to send to.</summary>
    public static HttpResponseMessage NoEndpoint(MeshCall call, CallServices services)
    {
        if (call.Group.Set.Refusal is { } refusal)
        {
            return Insecure(call, services, refusal);
        }

        var subset = call.Group.Subset;
        var reason = subset is null ? MeshFailureReason.NoEndpoints : MeshFailureReason.EmptySubset;
        var what = subset is null
            ? "no endpoint of it may be used"
            : $"subset '{subset}', chosen by route '{call.RouteName}', has no endpoint and no other stands in for it";
        return Fail(call, services, reason, what, HttpRequestError.ConnectionError, exception: null);
    }

    /// <summary>The last attempt failed without an answer, and none followed.</summary>
    public static HttpResponseMessage OfLastAttempt(MeshCall call, CallServices services, Exception exception)
    {
        if (call.Verdict.Reason == MeshFailureReason.Deadline)
        {
            return Late(call, services, exception);
        }

        if (call.Caller.IsCancellationRequested)
        {
            throw new TaskCanceledException("The caller gave up.", exception, call.Caller);
        }

        if (call.Verdict.Outcome == AttemptOutcome.Cancelled)
        {
            ExceptionDispatchInfo.Throw(exception);
        }

        var reason = call.Verdict.Reason;
        var error = exception is HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } known
            ? known.HttpRequestError
            : call.Verdict.Outcome == AttemptOutcome.ConnectFailed
                ? HttpRequestError.ConnectionError
                : HttpRequestError.Unknown;
        return Fail(call, services, reason, reason.Word(), error, exception);
    }

    /// <summary>Why a name that nobody knows an endpoint of fails.</summary>
    public static MeshFailureReason WhyUnknown(Upstream upstream) =>
        upstream.IsUnknown ? MeshFailureReason.UnknownService : MeshFailureReason.NoEndpoints;

    /// <summary>The name may not pass through, and nobody knows an endpoint.</summary>
    public static HttpResponseMessage Unknown(
        Upstream upstream, HttpRequestMessage request, CallServices services, TimeSpan waited)
    {
        var reason = WhyUnknown(upstream);
        var message = upstream.IsUnknown
            ? $"{upstream.Name}: the registry has never heard of this service. Register an instance, list static " +
              $"endpoints under Mesh:Upstreams:{upstream.Name}:Endpoints, or let unknown names pass through."
            : string.Create(
                CultureInfo.InvariantCulture,
                $"{upstream.Name}: no source of endpoints has answered, waited {waited.TotalMilliseconds:0} ms. " +
                $"Is Consul reachable?");
        services.Instruments.Decision(upstream.Name, "fail", reason.Word());
        return RequestFacts.IsGrpc(request)
            ? GrpcAnswer.Create(request, reason, message, exception: null)
            : throw new MeshException(reason, upstream.Name, message, HttpRequestError.NameResolutionError);
    }

    /// <summary>There are endpoints, but none that security lets us use.</summary>
    private static HttpResponseMessage Insecure(MeshCall call, CallServices services, string refusal)
    {
        var (reason, what) = refusal switch
        {
            MeshReasons.NoIdentity => (
                MeshFailureReason.NoIdentity,
                "its endpoints, or policy, ask for an identity, and this process has none"),
            MeshReasons.PlaintextRefused => (
                MeshFailureReason.PlaintextRefused,
                "its endpoints speak plaintext only, and that is not accepted: policy says so (outbound.tls: require), or " +
                "the service was seen with TLS before"),
            _ => (MeshFailureReason.UnprovenPeer, "no certificate could name its endpoints"),
        };
        return Fail(call, services, reason, what, HttpRequestError.SecureConnectionError, exception: null);
    }

    /// <summary>Its deadline passed, before or after something was sent.</summary>
    public static HttpResponseMessage Late(MeshCall call, CallServices services, Exception? exception = null)
    {
        const MeshFailureReason Reason = MeshFailureReason.Deadline;
        var message = Describe(call, services, call.DeadlineIsServed
            ? "the deadline of the request on whose behalf it is called passed"
            : "the deadline of the call passed");
        services.Instruments.Decision(call.Runtime.Upstream.Name, "fail", Reason.Word());
        call.Error = Reason.Word();

        // The shape of HttpClient's own timeout, so that handling written for it works.
        return call.IsGrpc
            ? GrpcAnswer.Create(call.Request, Reason, message, exception)
            : throw new TaskCanceledException(message, new TimeoutException(message, FailureText.Inner(exception)));
    }

    private static HttpResponseMessage Fail(
        MeshCall call,
        CallServices services,
        MeshFailureReason reason,
        string what,
        HttpRequestError error,
        Exception? exception)
    {
        var service = call.Runtime.Upstream.Name;
        var message = Describe(call, services, what);
        services.Instruments.Decision(service, "fail", reason.Word());
        call.Error = reason.Word();
        return call.IsGrpc
            ? GrpcAnswer.Create(call.Request, reason, message, exception)
            : throw new MeshException(reason, service, message, error, FailureText.Inner(exception));
    }

    private static string Describe(MeshCall call, CallServices services, string what)
    {
        var upstream = call.Runtime.Upstream;
        var text = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"{upstream.Name}: {what}");
        if (call.Failures is { Count: > 0 } failures)
        {
            text.Append(CultureInfo.InvariantCulture, $"; {failures.Count} attempt{(failures.Count > 1 ? "s" : "")}: ")
                .AppendJoin("; ", failures);
        }

        var age = services.Time.GetElapsedTime(upstream.ConfirmedAt);
        return text
            .Append(CultureInfo.InvariantCulture, $". {call.Group.Count} endpoints, confirmed {age.TotalSeconds:0.#} s ago, ")
            .Append(CultureInfo.InvariantCulture, $"policy {call.Runtime.PolicyRevision}, route {call.RouteName}.")
            .ToString();
    }
}
