using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <summary>
/// Whether the agent has run out of connections for this machine's address: believed at the second sign, because an agent
/// that is going down may close a new connection in the same way, once. Every other failure in between takes the suspicion
/// back. Thread-safe.
/// </summary>
internal sealed class AgentLimit(TimeProvider time)
{
    /// <summary>Two signs further apart have nothing to do with each other.</summary>
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    /// <summary>Signs closer together are one: many watches open their connections in one moment.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromMilliseconds(50);

    // Guards the field below; nothing is called under it but the clock.
    private readonly Lock _gate = new();
    private long? _firstSign;

    /// <summary>A connection or a read failed.</summary>
    /// <returns>True when that makes it certain.</returns>
    public bool Failed(Exception error)
    {
        lock (_gate)
        {
            if (error is not ConsulException { IsConnectionLimit: true })
            {
                _firstSign = null;
                return false;
            }

            var since = _firstSign is { } at ? time.GetElapsedTime(at) : TimeSpan.MaxValue;
            if (since > Window)
            {
                _firstSign = time.GetTimestamp();
            }

            return since >= Moment && since <= Window;
        }
    }
}
