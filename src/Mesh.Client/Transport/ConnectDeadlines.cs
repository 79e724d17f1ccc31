using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.Client.Transport;

/// <summary>How long the parts of making a connection may take; <see cref="Timeout.InfiniteTimeSpan"/> is no limit.</summary>
internal readonly record struct ConnectDeadlines(TimeSpan Connect, TimeSpan Handshake)
{
    /// <summary>
    /// What the policy in force says. A connection serves the requests of all routes, so the service's own rule counts,
    /// which is the one of the last, all-matching route. Read at every connect: a new policy acts on the next one.
    /// </summary>
    public static ConnectDeadlines Of(ServiceRuntime? runtime)
    {
        if (runtime is null)
        {
            return new(PolicyDefaults.Timeout.Connect, PolicyDefaults.Timeout.Handshake);
        }

        if (runtime.Switches.IsOff(Mechanisms.Timeouts))
        {
            return new(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }

        var rule = runtime.Policy.Routes[^1].Timeout;
        return new(rule.Connect, rule.Handshake);
    }
}
