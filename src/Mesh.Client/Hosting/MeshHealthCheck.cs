using Mesh.Client.Pipeline;
using Mesh.Client.Security;
using Mesh.Policy;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Mesh.Client.Hosting;

/// <summary>Whether the mesh runs on what is true now, or on what it last knew.</summary>
internal sealed class MeshHealthCheck(
    MeshRuntime runtime, MeshFeeds feeds, MeshOptions options, TimeProvider time, IMeshIdentity? identity = null)
    : IHealthCheck
{
    public const string Name = "mesh";

    /// <summary>The second tag lets those who ask for the application's own readiness leave the mesh's out.</summary>
    public static readonly string[] Tags = ["ready", "mesh"];

    /// <summary>
    /// How long readiness waits for first answers, from the first time it is asked. Beyond it a process that starts while
    /// Consul is down, and without a snapshot, is better in service than out of it.
    /// </summary>
    internal static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(30);

    /// <summary>A restart of the agent is over sooner; it is nothing to tell an operator about.</summary>
    internal static readonly TimeSpan StaleAfter = TimeSpan.FromSeconds(30);

    private readonly long _since = time.GetTimestamp();

    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken)
    {
        var data = new Dictionary<string, object>(StringComparer.Ordinal);
        var reasons = new List<string>();
        var waiting = CheckUpstreams(data, reasons);
        CheckRegistry(data, reasons);
        var unknown = CheckPolicy(data, reasons);
        CheckIdentity(data, reasons);

        var status = waiting || unknown ? context.Registration.FailureStatus
            : reasons.Count > 0 ? HealthStatus.Degraded
            : HealthStatus.Healthy;
        var description = reasons.Count > 0 ? string.Join("; ", reasons) : "registry and policy are up to date";
        return Task.FromResult(new HealthCheckResult(status, description, exception: null, data));
    }

    /// <returns>Whether an answer is still to be waited for.</returns>
    private bool CheckUpstreams(Dictionary<string, object> data, List<string> reasons)
    {
        // Asked for here too, since without a host nobody did at start.
        var silent = options.Upstreams.Keys.Select(name => runtime.GetUpstream(name.ToLowerInvariant()))
            .Where(upstream => !upstream.FirstAnswer.IsCompleted)
            .Select(upstream => upstream.Name).Order(StringComparer.Ordinal).ToArray();
        foreach (var upstream in runtime.Upstreams.OrderBy(u => u.Name, StringComparer.Ordinal))
        {
            data[$"upstream.{upstream.Name}.endpoints"] = upstream.Endpoints.Count;
            data[$"upstream.{upstream.Name}.age"] = Seconds(time.GetElapsedTime(upstream.ConfirmedAt));
            if (upstream.Runtime is { } current)
            {
                data[$"upstream.{upstream.Name}.policy"] = current.PolicyRevision;
            }

            if (upstream.FirstAnswer.IsCompleted && !upstream.IsLive)
            {
                reasons.Add($"the endpoints of {upstream.Name} come from the snapshot of an earlier run");
            }
        }

        if (silent.Length == 0)
        {
            return false;
        }

        reasons.Add($"no answer yet about {string.Join(", ", silent)}");
        return time.GetElapsedTime(_since) < AnswerPatience;
    }

    private void CheckRegistry(Dictionary<string, object> data, List<string> reasons)
    {
        if (feeds.Discovery is { } discovery)
        {
            if (discovery.TokenTrouble is { } trouble)
            {
                reasons.Add($"reason acl: {trouble}");
            }

            var lost = discovery.LostFor;
            data["consul.silent"] = Seconds(lost);
            if (lost >= StaleAfter)
            {
                reasons.Add($"Consul has not answered for {Seconds(lost)} s, so endpoints are those it last told");
            }
        }
    }

    /// <returns>
    /// Whether a security document is there of which nothing was ever understood: what stands at the door is then not what
    /// somebody wanted to stand there.
    /// </returns>
    private bool CheckPolicy(Dictionary<string, object> data, List<string> reasons)
    {
        var policy = feeds.Policy.Status;
        data["policy.source"] = policy.Source.ToString();
        data["policy.hash"] = policy.Hash;
        if (policy.Age is { } age)
        {
            data["policy.age"] = Seconds(age);
        }

        // Somebody's decision, and no reason to be less ready; but who looks for what is wrong has to see it.
        foreach (var thrown in policy.SwitchesInForce)
        {
            data[$"switch.{thrown.Source}"] = thrown.ToString();
        }

        if (policy.Source == PolicySource.Snapshot)
        {
            reasons.Add("policy comes from the snapshot of an earlier run");
        }

        foreach (var document in policy.Refused)
        {
            var inForce = document.LastGood is null ? "nothing of it is in force" : "its last good revision stays in force";
            reasons.Add($"{document.Key} is refused ({document.Problems.FirstOrDefault()}), {inForce}");
        }

        if (feeds.Policy.Own.IsUnknown)
        {
            reasons.Add("a security document of which no revision was ever understood keeps this process from being ready");
        }

        foreach (var key in policy.Hidden)
        {
            reasons.Add($"reason acl: the token may not read {key}, so what this process's door is to demand is not known");
        }

        foreach (var key in policy.Orphaned)
        {
            reasons.Add($"{key} is no longer listed, and stays in force");
        }

        return feeds.Policy.Own.IsUnknown;
    }

    /// <summary>Never more than degraded: without a certificate the process serves those who ask for none.</summary>
    private void CheckIdentity(Dictionary<string, object> data, List<string> reasons)
    {
        var now = time.GetUtcNow();
        if (identity?.Current is { } current)
        {
            data["identity.id"] = current.Id.ToString();
            data["identity.expires"] = Seconds(current.NotAfter - now);
            if (now > RenewalTime.Overdue(current))
            {
                reasons.Add($"the certificate of this process expires in {Seconds(current.NotAfter - now)} s and is not renewed");
            }
        }

        if (identity is IdentityKeeper { Status: var status })
        {
            data["identity.source"] = status.Source;
            if (status.Reason is { } reason)
            {
                data["identity.reason"] = reason;
            }

            if (identity.Current is null && status.IsExpected && identity.FirstAnswer.IsCompleted)
            {
                reasons.Add($"this process has no identity (reason {status.Reason}): {status.Detail}");
            }
        }
    }

    private static double Seconds(TimeSpan time) => Math.Round(time.TotalSeconds, 1);
}
