using System.Diagnostics;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>
/// What follows a failed attempt: nothing, or others until one is good or nothing more is allowed. The last answer, or
/// the last failure, is the call's.
/// </summary>
internal sealed class RetryLoop(CallServices services, AttemptRunner runner)
{
    /// <summary>Goes on from a first attempt that was concluded and not good.</summary>
    public async Task<HttpResponseMessage> RunAsync(
        MeshCall call, HttpResponseMessage? response, Exception? exception)
    {
        Activity? span = null;
        try
        {
            while (Next(call, exception) is { Kind: not RetryKind.Stop } decision)
            {
                span ??= CallSpan.Start(call);
                CallSpan.Add(span, call, decision);
                GiveUp(call, response);
                await PauseAsync(call, decision.Delay).ConfigureAwait(false);
                call.Free += decision.Kind == RetryKind.Free ? 1 : 0;
                if (runner.Send(call, services.Time.GetTimestamp()) is not { } sending)
                {
                    return CallFailures.NoEndpoint(call, services);
                }

                (response, exception) = await FinishAsync(call, sending).ConfigureAwait(false);
                var good = runner.Conclude(call, response, exception);
                EndRetry(call, decision);
                if (good)
                {
                    return response!;
                }
            }

            return response ?? CallFailures.OfLastAttempt(call, services, exception!);
        }
        finally
        {
            GiveBack(call);
            CallSpan.End(span, call);
        }
    }

    private static async Task<(HttpResponseMessage? Response, Exception? Exception)> FinishAsync(
        MeshCall call, Task<HttpResponseMessage> sending)
    {
        try
        {
            call.Arm();
            return (await sending.ConfigureAwait(false), null);
        }
        catch (Exception exception)
        {
            return (null, exception);
        }
    }

    /// <summary>Whether, and on whose account, another attempt follows the last one.</summary>
    private RetryDecision Next(MeshCall call, Exception? exception)
    {
        call.RememberTried();
        (call.Failures ??= []).Add(
            new AttemptRecord(call.Endpoint, call.Verdict.Outcome, call.Took, Detail(call.Verdict, exception)));
        if (call.DeadlinePassed || call.Caller.IsCancellationRequested)
        {
            return RetryDecision.Final;
        }

        var facts = Facts(call);
        var decision = RetryRules.Decide(facts, call.Verdict, services.Random);
        if (decision.Kind == RetryKind.Free && facts.Left <= TimeSpan.Zero)
        {
            decision = RetryDecision.Stop(MeshReasons.Deadline);
        }

        if (decision.Kind == RetryKind.Budgeted && !Withdraw(call))
        {
            decision = RetryDecision.Stop(MeshReasons.Budget);
        }

        if (decision.Reason.Length > 0)
        {
            call.NotRetried = decision.Kind == RetryKind.Stop ? decision.Reason : null;
            services.Instruments.Decision(
                call.Runtime.Upstream.Name, decision.Kind == RetryKind.Stop ? "no_retry" : "retry", decision.Reason);
        }

        return decision;
    }

    /// <summary>What decides whether another attempt follows the call's last one.</summary>
    public static RetryFacts Facts(MeshCall call) => new()
    {
        Plan = call.Retry,
        Counted = call.Attempts - call.Free,
        Free = call.Free,
        Repeatable = call.Repeatable,
        ProvenOnly = call.ProvenOnly,
        BodyAtHand = call.BodyAtHand,
        OthersLeft = call.Group.Count > call.Tried.Length,
        Left = call.Left,
    };

    private bool Withdraw(MeshCall call)
    {
        var granted = call.CutGranted
            || call.Runtime.Upstream.Budget.TryWithdraw(call.Retry.Rule, services.Time.GetTimestamp());
        call.CutGranted = false;
        call.HoldsRetry = granted;
        return granted;
    }

    private void EndRetry(MeshCall call, RetryDecision decision)
    {
        if (call.HoldsRetry)
        {
            call.HoldsRetry = false;
            call.Runtime.Upstream.Budget.Ended();
        }

        services.Instruments.Retry(call.Runtime.Upstream.Name, decision.Reason, call.Verdict.Outcome.Word());
    }

    /// <summary>Retries that were withdrawn for attempts that were never made.</summary>
    private void GiveBack(MeshCall call)
    {
        if (call.CutGranted || call.HoldsRetry)
        {
            (call.CutGranted, call.HoldsRetry) = (false, false);
            call.Runtime.Upstream.Budget.Refund(services.Time.GetTimestamp());
        }
    }

    /// <summary>
    /// Lets go of an answer nobody will read. The platform drains what is left of it, bounded in bytes and time, or
    /// closes the connection.
    /// </summary>
    private static void GiveUp(MeshCall call, HttpResponseMessage? response)
    {
        if (response is not null)
        {
            call.Endpoint.EndLease(call.Lease);
            response.Dispose();
        }
    }

    private Task PauseAsync(MeshCall call, TimeSpan pause)
    {
        if (pause <= TimeSpan.Zero)
        {
            return Task.CompletedTask;
        }

        var pausing = Task.Delay(pause, services.Time, call.Caller);
        if (call.IsSync)
        {
            pausing.GetAwaiter().GetResult();
        }

        return pausing;
    }

    private static string? Detail(in AttemptVerdict verdict, Exception? exception) => verdict switch
    {
        { GrpcStatus: >= 0 } => $"grpc-status {verdict.GrpcStatus}",
        { StatusCode: > 0 } => $"status {verdict.StatusCode}",
        _ => exception is null ? null : FailureText.Of(exception),
    };
}
