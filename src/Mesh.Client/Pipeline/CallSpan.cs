using System.Diagnostics;
using Mesh.Client.Attempts;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Pipeline;

/// <summary>
/// The span of a call that needs more than one attempt: it begins when the call began, tells the attempts as events, and is
/// the parent of the later ones. Calls with one attempt have the platform's span only. Started within an async
/// method only: started elsewhere it would stay current in the application's flow.
/// </summary>
internal static class CallSpan
{
    public static Activity? Start(MeshCall call)
    {
        if (!MeshActivity.Source.HasListeners())
        {
            return null;
        }

        var time = call.Services.Time;
        var service = call.Runtime.Upstream.Name;
        var span = MeshActivity.Source.StartActivity(
            $"mesh {service}",
            ActivityKind.Internal,
            parentContext: default,
            startTime: time.GetUtcNow() - time.GetElapsedTime(call.Started));
        span?.SetTag(MeshTelemetry.ServiceTag, service);
        span?.SetTag(MeshTelemetry.RouteTag, call.RouteName);
        if (call.Group.Subset is { } subset)
        {
            span?.SetTag(MeshTelemetry.SubsetTag, subset);
        }

        return span;
    }

    /// <summary>Tells the attempt that failed last, and why and after which pause another one follows.</summary>
    public static void Add(Activity? span, MeshCall call, in RetryDecision decision)
    {
        if (span is not null)
        {
            var tags = Describe(call);
            tags.Add(MeshTelemetry.ReasonTag, decision.Reason);
            tags.Add(MeshTelemetry.PauseTag, decision.Delay.TotalSeconds);
            AddAttempt(span, call, tags);
        }
    }

    public static void End(Activity? span, MeshCall call)
    {
        if (span is null)
        {
            return;
        }

        AddAttempt(span, call, Describe(call));
        span.SetTag(MeshTelemetry.OutcomeTag, call.Verdict.Outcome.Word());
        if (call.Verdict.Outcome != AttemptOutcome.Success)
        {
            span.SetStatus(ActivityStatusCode.Error, call.Error ?? call.Verdict.Outcome.Word());
        }

        span.Dispose();
    }

    private static ActivityTagsCollection Describe(MeshCall call) => new()
    {
        { MeshTelemetry.EndpointTag, call.Endpoint.Id },
        { MeshTelemetry.OutcomeTag, call.Verdict.Outcome.Word() },
    };

    private static void AddAttempt(Activity span, MeshCall call, ActivityTagsCollection tags)
    {
        if (call.Verdict.StatusCode != 0)
        {
            tags.Add(MeshTelemetry.StatusCodeTag, call.Verdict.StatusCode);
        }

        span.AddEvent(new ActivityEvent("attempt", call.Services.Time.GetUtcNow(), tags));
    }
}
