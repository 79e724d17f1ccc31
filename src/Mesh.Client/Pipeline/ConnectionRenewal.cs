using System.Collections.Concurrent;
using Mesh.Client.Transport;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Replaces the connections to endpoints without breaking a call: from one moment on new calls get new connections; the old
/// ones close as soon as no call needs them, and are broken only when calls on them do not end.
/// </summary>
internal sealed class ConnectionRenewal : IDisposable
{
    /// <summary>
    /// The part of the time that the endpoints' moments are spread over; the rest is for calls on old connections.
    /// </summary>
    private const double Spread = 0.75;

    /// <summary>
    /// Calls that wait for a connection when it is left behind have one by then, or have failed: only after that may the
    /// platform's handler be disposed, which fails those that wait without saying that nothing was sent.
    /// </summary>
    private static readonly TimeSpan Settled = TimeSpan.FromSeconds(8);

    private readonly Agenda _agenda;
    private readonly Random _random;
    private readonly MeshConnectionOptions _options;
    private readonly ConcurrentDictionary<MeshEndpoint, bool> _waiting = new();

    public ConnectionRenewal(MeshClock clock, Random random, MeshConnectionOptions options, ILogger logger)
    {
        (_agenda, _random, _options) = (new Agenda(clock, logger), random, options);
    }

    /// <summary>Renews at once: what is open is not what it has to be.</summary>
    public void Now(MeshEndpoint endpoint)
    {
        _waiting.TryRemove(endpoint, out _);
        if (endpoint.LeaveConnections() is { } left)
        {
            var settled = TimeSpan.FromTicks(Math.Min(Settled.Ticks, (long)(_options.RenewWithin.Ticks * (1 - Spread))));
            _agenda.In(settled, () => Close(endpoint, left, settled));
        }
    }

    /// <summary>Renews at a moment of the endpoint's own; once, however often it is asked before that.</summary>
    public void Soon(MeshEndpoint endpoint)
    {
        if (_waiting.TryAdd(endpoint, true))
        {
            _agenda.In(_options.RenewWithin * (Spread * _random.NextDouble()), () =>
            {
                if (_waiting.ContainsKey(endpoint))
                {
                    Now(endpoint);
                }
            });
        }
    }

    public void Dispose() => _agenda.Dispose();

    private void Close(MeshEndpoint endpoint, EndpointTransport left, TimeSpan since)
    {
        endpoint.EndConnections(left);
        if (left.Connections > 0)
        {
            _agenda.In(_options.BreakAfter - since, left.Abort);
        }
    }
}
