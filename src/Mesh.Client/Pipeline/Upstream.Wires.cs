using Mesh.Client.Discovery;
using Mesh.Client.Transport;

namespace Mesh.Client.Pipeline;

/// <content>
/// Plaintext or TLS. A service is held to TLS once everything that can be called of it speaks TLS and one endpoint has
/// proved who it is: not earlier, or the first instance of a deployment that brings the mesh would shut out all the others.
/// From then on an endpoint without TLS is not used, whoever registered it.
/// </content>
internal sealed partial class Upstream
{
    private bool _proven;
    private bool _seenWithTls;
    private bool _forgotten;

    /// <summary>The service was seen with TLS: it is not called in plaintext any more.</summary>
    public bool SeenWithTls => Volatile.Read(ref _seenWithTls);

    /// <summary>An earlier run has seen the service with TLS. Before its first endpoints.</summary>
    public void RecallTls()
    {
        lock (_gate)
        {
            _seenWithTls = !_services.Security.AllowsPlaintext(Name);
        }
    }

    /// <summary>Something was replaced that decides how endpoints are spoken to.</summary>
    public void Rewire()
    {
        var change = new EndpointChange();
        lock (_gate)
        {
            RewireLocked(change.Rewired);
            if (change.Rewired.Count > 0)
            {
                RefreshLocked(_services.Clock.Now);
            }

            if (_reachable)
            {
                OpenLocked();
            }
        }

        Renew(change.Rewired);
        _reporter.Tell();
    }

    /// <summary>The certificate or the roots are others: connections that show the old ones make way, one after another.</summary>
    public void RenewConnections()
    {
        foreach (var endpoint in _table.All)
        {
            if (endpoint.Wire.Expected is not null)
            {
                _services.Renewal.Soon(endpoint);
            }
        }
    }

    /// <summary>A connection to an endpoint was opened.</summary>
    public void ConnectionOpened(ConnectionTls tls, bool http2)
    {
        _services.Instruments.ConnectionOpened(Name, tls, http2);
        if (tls == ConnectionTls.Mutual && !Volatile.Read(ref _proven))
        {
            Volatile.Write(ref _proven, true);
            Rewire();
        }
    }

    /// <summary>A connection to an endpoint could not be made secure.</summary>
    public void ConnectionNotSecured(MeshEndpoint endpoint, string reason, string detail) =>
        _reporter.TellNotSecured(endpoint, reason, detail);

    private void Renew(List<MeshEndpoint> endpoints) => endpoints.ForEach(_services.Renewal.Now);

    private void RewireLocked(List<MeshEndpoint> rewired)
    {
        LearnTlsLocked();
        foreach (var endpoint in _table.All)
        {
            var wire = WireRules.Decide(Name, endpoint.Info, _seenWithTls, _services.Security, endpoint.Wire);
            if (wire == endpoint.Wire)
            {
                continue;
            }

            endpoint.Wire = wire;
            rewired.Add(endpoint);
            if (wire.Refusal is { } reason)
            {
                _reporter.Note(new UpstreamNotice(UpstreamEvent.Insecure) { Endpoint = endpoint, Why = reason });
            }
        }
    }

    private void LearnTlsLocked()
    {
        if (_services.Security.AllowsPlaintext(Name))
        {
            if (_seenWithTls || !_forgotten)
            {
                (_seenWithTls, _forgotten) = (false, true);
                _services.Security.Remember(Name, seen: false);
            }
        }
        else if (!_seenWithTls && _proven && SpeaksTls())
        {
            (_seenWithTls, _forgotten) = (true, false);
            _services.Security.Remember(Name, seen: true);
            _reporter.Note(new UpstreamNotice(UpstreamEvent.SeenWithTls));
        }
    }

    /// <summary>
    /// Whatever can be called speaks TLS. A sidecar is there because this process was told so, which is no promise for the
    /// day when it is told otherwise.
    /// </summary>
    private bool SpeaksTls() => Array.TrueForAll(
        _table.All,
        static e => (e.Info.Tls != EndpointTls.None && !e.Info.IsSidecar) || e.Info.Vanished ||
            e.Info.Health is EndpointHealth.Critical or EndpointHealth.Maintenance);
}
