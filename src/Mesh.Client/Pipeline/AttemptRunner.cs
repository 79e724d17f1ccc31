using Mesh.Client.Attempts;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Pipeline;

/// <summary>One attempt: pick, lease, send; and what was learned from it.</summary>
internal sealed class AttemptRunner(CallServices services)
{
    /// <summary>
    /// Sends the call's next attempt; <see langword="null"/> when there is no endpoint to send it to. Every attempt that
    /// was sent must be concluded.
    /// </summary>
    /// <param name="call">The call.</param>
    /// <param name="now">Timestamp.</param>
    public Task<HttpResponseMessage>? Send(MeshCall call, long now)
    {
        var endpoint = call.Group.Pick(new PickContext(now, call.Tried, call.MayRepeat, call.HashKey));
        if (endpoint is null)
        {
            return null;
        }

        call.BeginAttempt(endpoint, now);
        endpoint.Begin();
        try
        {
            // One transport for both: how a request has to look depends on what it is sent over.
            var transport = endpoint.Transport;
            call.Dress.PutOn(call, transport.IsSecure);
            if (!call.IsSync)
            {
                return transport.SendAsync(call.Request, call.Client.Settings.Profile, call.Token);
            }

            call.Arm();
            return Task.FromResult(transport.Send(call.Request, call.Client.Settings.Profile, call.Token));
        }
        catch (Exception exception)
        {
            return Task.FromException<HttpResponseMessage>(exception);
        }
    }

    /// <summary>
    /// The attempt ended with an answer or an exception: what it means goes to the call, to the endpoint and to those who
    /// measure. True when the answer is good, so that nothing needs to be decided.
    /// </summary>
    public bool Conclude(MeshCall call, HttpResponseMessage? response, Exception? exception)
    {
        var now = services.Time.GetTimestamp();
        var endpoint = call.Endpoint;
        var cause = call.Disarm(answered: response is not null, out var caller);
        call.Lease = caller;
        var verdict = response is not null
            ? AnswerTable.Classify(
                (int)response.StatusCode, call.IsGrpc, HttpInternals.PeekHeaders(response), endpoint.Info.IsMember)
            : Judge(call, exception!, cause);
        TakeOff(call);
        call.Verdict = verdict;
        call.AttemptEnded = now;

        endpoint.Observe(call.AttemptStarted, now, verdict.Outcome, verdict.RetryAfter);
        if (response is null)
        {
            endpoint.End();
        }

        if (verdict.Suspicion is { } suspicion)
        {
            endpoint.MarkSuspect(suspicion);
            services.Instruments.Decision(call.Runtime.Upstream.Name, "suspect", suspicion);
        }
        else if (response is not null && HopAnswer.TakeDraining(endpoint, response))
        {
            endpoint.BeginDrain();
            services.Instruments.Decision(call.Runtime.Upstream.Name, "suspect", MeshReasons.Draining);
        }

        Measure(call);
        call.IsGood = verdict.Outcome == AttemptOutcome.Success && verdict.GrpcStatus <= GrpcStatus.Ok;
        if (call.IsGood && call.CutGranted)
        {
            // The answer came while the attempt was being cut: nobody needs the retry that was withdrawn for it.
            call.CutGranted = false;
            call.Runtime.Upstream.Budget.Refund(now);
        }

        return call.IsGood;
    }

    private static AttemptVerdict Judge(MeshCall call, Exception exception, DeadlineCause cause)
    {
        var callerGaveUp = call.Caller.IsCancellationRequested;
        var ownBody = !BodyReplay.IsRepeatable(call.Request.Content);
        var verdict = FailureTable.Classify(exception, callerGaveUp, cause != DeadlineCause.None, ownBody);
        call.DeadlinePassed = !callerGaveUp && cause == DeadlineCause.Total;

        // A deadline the application chose says how long it would wait, not how long the endpoint should take.
        return call.DeadlinePassed && call.DeadlineIsCallers
            ? verdict with { Outcome = AttemptOutcome.Cancelled }
            : verdict;
    }

    private static void TakeOff(MeshCall call)
    {
        try
        {
            call.Dress.TakeOff(call);
        }
        catch (ObjectDisposedException)
        {
            // The application disposed the request while it was on its way: nobody will look at it again.
            call.Dress = default;
        }
    }

    private void Measure(MeshCall call)
    {
        if (services.Instruments.MeasuresAttempts)
        {
            var verdict = call.Verdict;
            services.Instruments.Attempt(
                call.Took.TotalSeconds,
                call.Runtime.Upstream.Name,
                verdict.Outcome.Word(),
                verdict.StatusCode,
                ErrorTypes.Of(verdict));
        }
    }
}
