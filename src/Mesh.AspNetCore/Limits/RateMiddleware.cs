using System.Globalization;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// <c>inbound.rate</c>: every rule that matches a request must grant it a token. Answers tell what is left in the header
/// fields of draft-ietf-httpapi-ratelimit-headers-10.
/// </summary>
internal sealed class RateMiddleware(
    RequestDelegate next, InboundLimits limits, LimitExemptions exemptions, InboundInstruments instruments)
{
    private const string PolicyHeader = "RateLimit-Policy";
    private const string StateHeader = "RateLimit";

    public Task InvokeAsync(HttpContext context)
    {
        var rates = limits.Rates;
        return rates.Length == 0 || exemptions.Covers(context) ? next(context) : Invoke(context, rates);
    }

    private Task Invoke(HttpContext context, RatePlan[] rates)
    {
        var peer = context.Features.Peer();
        var verified = peer is null ? null : CallerName.Of(peer);
        var claimed = peer is null ? context.Features.Get<ServedRequest>()?.ClaimedCaller : null;
        var (policies, states) = ("", "");
        for (var i = 0; i < rates.Length; i++)
        {
            var plan = rates[i];
            if (!plan.Takes(context.Request))
            {
                continue;
            }

            var bucket = plan.BucketOf(verified, claimed);
            var granted = bucket.TryTake(out var retryAfter);
            if (!granted)
            {
                instruments.Refused(MeshReasons.RateLimited, plan.Rule.Name, plan.Rule.Shadow);
            }

            if (plan.Rule.Shadow)
            {
                continue;
            }

            (policies, states) = (Join(policies, plan.Policy), Join(states, plan.State(bucket)));
            if (!granted)
            {
                GiveBack(context.Request, rates.AsSpan(0, i), verified, claimed);
                Tell(context, policies, states);
                return RefuseAsync(context, retryAfter);
            }
        }

        if (policies.Length > 0)
        {
            Tell(context, policies, states);
        }

        return next(context);
    }

    /// <summary>What earlier rules granted was not used.</summary>
    private static void GiveBack(HttpRequest request, ReadOnlySpan<RatePlan> rates, string? verified, string? claimed)
    {
        foreach (var plan in rates)
        {
            if (!plan.Rule.Shadow && plan.Takes(request))
            {
                plan.BucketOf(verified, claimed).Return();
            }
        }
    }

    private static void Tell(HttpContext context, string policies, string states)
    {
        context.Response.Headers[PolicyHeader] = policies;
        context.Response.Headers[StateHeader] = states;
    }

    private static Task RefuseAsync(HttpContext context, TimeSpan retryAfter)
    {
        // In whole seconds, and never sooner than there is a token.
        context.Response.Headers.RetryAfter =
            Math.Max(1, Math.Ceiling(retryAfter.TotalSeconds)).ToString("0", CultureInfo.InvariantCulture);
        return Refusal.WriteAsync(
            context, StatusCodes.Status429TooManyRequests, GrpcStatus.ResourceExhausted, MeshReasons.RateLimited,
            "The caller has used up its rate; Retry-After says when it may come back.");
    }

    private static string Join(string before, string item) => before.Length == 0 ? item : before + ", " + item;
}
