using System.Globalization;
using System.Net.Sockets;
using Mesh.AspNetCore.Inspection.Views;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>
/// Tells which failures of a call would be followed by another attempt: by the tables and rules that real failures go
/// through, asked about made-up ones.
/// </summary>
internal static class RetryTeller
{
    private const long RefusedStream = 7;

    private static readonly Random LongestDraw = new Longest();

    /// <param name="call">Rehearsed.</param>
    /// <param name="options">What the application asked for this request.</param>
    /// <param name="time">The clock.</param>
    public static RetryStory Tell(MeshCall call, HttpRequestOptions options, TimeProvider time)
    {
        var rule = call.Retry.Rule;
        var budget = call.Runtime.Upstream.Budget.Balance(time.GetTimestamp());
        var failures = Failures(call).Select(f => Tell(call, f.Name, f.Verdict)).ToList();
        return new RetryStory
        {
            MaxAttempts = call.Retry.MaxAttempts,
            Repeatable = call.Repeatable && !call.ProvenOnly,
            Because = Repeatable(call, options),
            BudgetLeft = Math.Round(budget, 1),
            BudgetRule = string.Create(
                CultureInfo.InvariantCulture,
                $"{Sentences.Share(rule.BudgetRatio)} of calls and {rule.BudgetFloor} per ")
                + Sentences.Span(rule.BudgetWindow),
            Running = ProcessRetries.Shared.Running,
            RunningLimit = ProcessRetries.Shared.Limit,
            Failures = failures,
        };
    }

    private static string Repeatable(MeshCall call, HttpRequestOptions options)
    {
        if (!call.Retry.Enabled)
        {
            var switched = call.Runtime.Switches.IsOff(Mechanisms.Retry);
            return switched ? "a switch has retries off" : "the policy has retries off";
        }

        if (call.ProvenOnly)
        {
            return call.Client.Settings.RetriesOff
                ? "another handler of this client retries; the mesh repeats only what was provably not sent"
                : "the application asked for no retries; only what was provably not sent is repeated";
        }

        var method = call.Request.Method;
        return RequestFacts.RepeatableBy(call.Request, options, call.Retry) switch
        {
            Repeatability.Method => $"{method} is idempotent",
            Repeatability.Mark => "the application marked it idempotent",
            Repeatability.Key => "it has an Idempotency-Key, on a route for keys",
            _ when RequestFacts.HasKey(call.Request) =>
                $"{method} is not idempotent, and the route does not count its Idempotency-Key (retry.idempotent)",
            _ => $"{method} is not idempotent; only what was provably not processed is repeated",
        };
    }

    private static IEnumerable<(string Name, AttemptVerdict Verdict)> Failures(MeshCall call)
    {
        var refused = new EndpointConnectException(
            "", ConnectFailure.Refused, new SocketException((int)SocketError.ConnectionRefused));
        yield return ("connect refused", FailureTable.Classify(refused, callerGaveUp: false, deadlinePassed: false));
        yield return ("stream refused (HTTP/2)", FailureTable.Classify(
            new HttpProtocolException(RefusedStream, "", null), callerGaveUp: false, deadlinePassed: false));
        yield return ("reset before the answer", FailureTable.Classify(
            new HttpRequestException(), callerGaveUp: false, deadlinePassed: false));
        if (call.AttemptLimit is { } limit)
        {
            yield return ($"no answer within {Sentences.Span(limit)}", FailureTable.Classify(
                new TaskCanceledException(), callerGaveUp: false, deadlinePassed: true));
        }

        yield return ("turned away by an overloaded member", new AttemptVerdict
        {
            Outcome = AttemptOutcome.Overloaded,
            Proof = Proof.NotProcessed,
            IsShed = true,
            StatusCode = 503,
            GrpcStatus = call.IsGrpc ? GrpcStatus.Unavailable : -1,
        });
        foreach (var code in call.Retry.Rule.StatusCodes.Union([429, 500, 502, 503, 504]).Order())
        {
            var verdict = AnswerTable.Classify(code, call.IsGrpc, headers: null);
            yield return (code.ToString(CultureInfo.InvariantCulture), verdict);
        }

        foreach (var status in call.IsGrpc ? call.Retry.Rule.GrpcStatuses.Union([GrpcStatus.Unavailable]) : [])
        {
            using var answer = new HttpResponseMessage();
            answer.Headers.Add(GrpcStatus.Header, status.ToString(CultureInfo.InvariantCulture));
            yield return ($"grpc-status {status}", AnswerTable.Classify(200, isGrpc: true, answer.Headers));
        }
    }

    private static FailureStory Tell(MeshCall call, string failure, AttemptVerdict verdict)
    {
        var decision = RetryRules.Decide(RetryLoop.Facts(call), verdict, LongestDraw);
        return new FailureStory
        {
            Failure = failure,
            Again = decision.Kind != RetryKind.Stop,
            Because = decision.Kind switch
            {
                RetryKind.Free => "at once, on another endpoint where there is one; not counted",
                RetryKind.Budgeted when decision.Delay == TimeSpan.Zero => "at once, if the budget has it",
                RetryKind.Budgeted => $"after up to {Sentences.Span(decision.Delay)}, if the budget has it",
                _ => No(decision.Reason, call),
            },
        };
    }

    private static string No(string reason, MeshCall call) => reason switch
    {
        "" when !call.Retry.Enabled => "retries are off",
        "" => "the policy does not name it in retry.on",
        MeshReasons.Unsafe => "it may have been executed, and repeating it is not provably safe",
        MeshReasons.NotOurs => "it may have been sent, and retries are not the mesh's here",
        MeshReasons.Attempts when call.Retry.MaxAttempts == 1 => "one attempt is all there may be",
        MeshReasons.Attempts => $"{call.Retry.MaxAttempts} attempts are all there may be",
        MeshReasons.Body => "the body cannot be sent again",
        MeshReasons.Overloaded => "there is no other endpoint",
        MeshReasons.Deadline => "the deadline leaves no time for it",
        _ => reason.Replace('_', ' '),
    };

    /// <summary>Draws the longest pause, so that what is said is a bound and nobody's randomness is used up.</summary>
    private sealed class Longest : Random
    {
        public override double NextDouble() => 1;
    }
}
