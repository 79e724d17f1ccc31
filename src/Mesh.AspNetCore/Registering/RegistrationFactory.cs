using System.Globalization;
using Mesh.AspNetCore.Door;
using Mesh.Client;
using Mesh.Client.Discovery;
using Mesh.Client.Pipeline;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore.Registering;

/// <summary>Writes what this instance tells Consul about itself.</summary>
internal sealed class RegistrationFactory(
    IOptions<MeshServerOptions> options,
    MeshSelf self,
    MeshConsul consul,
    DoorKeeper door,
    TimeProvider time,
    ILogger<RegistrationFactory> logger)
{
    /// <summary>The metadata the mesh itself writes.</summary>
    public static readonly IReadOnlySet<string> OwnMetadata = new HashSet<string>(StringComparer.OrdinalIgnoreCase)
    {
        MeshMetadata.Schema, MeshMetadata.Protocols, MeshMetadata.Tls, MeshMetadata.Version, MeshMetadata.Zone,
    };

    private const string Schema = "1";

    /// <summary>The ID of the check that heartbeats refresh.</summary>
    public string CheckId { get; } = "service:" + self.Instance;

    /// <summary>What a registration made now says about TLS; when it changes, a new one is due.</summary>
    public DoorOffer Offer(Listener listener) => DoorOffer.Of(door, listener);

    /// <summary>Where callers reach a listener.</summary>
    public async Task<(string Host, int Port)> AddressAsync(Listener listener, CancellationToken cancellationToken)
    {
        if (options.Value.Address is { } text && PublishedAddress.TryParse(text, out var published))
        {
            return (published.Host, published.Port ?? listener.Port);
        }

        var own = listener.Specific ??
                  await OwnAddress.FindAsync(consul.Client.Address, listener.IsIPv4Only, cancellationToken)
                      .ConfigureAwait(false);
        return (own.ToString(), listener.Port);
    }

    /// <summary>The registration, but for the state its check starts with.</summary>
    public async Task<ServiceRegistration> CreateAsync(Listener listener, CancellationToken cancellationToken)
    {
        var (host, port) = await AddressAsync(listener, cancellationToken).ConfigureAwait(false);
        var offer = Offer(listener);
        var protocols = offer.Protocols ??
                        await ProtocolProbe.FindAsync(listener, time, cancellationToken).ConfigureAwait(false);
        var settings = options.Value;
        return new ServiceRegistration
        {
            Id = self.Instance,
            Name = self.Service,
            Address = host,
            Port = port,
            Tags = [.. settings.Tags],
            Meta = Metadata(protocols, offer.Tls),
            Weights = new ConsulWeights(settings.Weights.Passing, settings.Weights.Warning),
            Checks = [Check(settings, listener, host, port)],
            ConnectNative = offer.IsConnect,
        };
    }

    /// <summary>The same registration with its check in a state; Consul's own default would be critical.</summary>
    public static ServiceRegistration With(ServiceRegistration registration, ConsulHealth status) => registration with
    {
        Checks = [.. registration.Checks.Select(c => c with { InitialStatus = status })],
    };

    private Dictionary<string, string> Metadata(string protocols, string? tls)
    {
        var metadata = new Dictionary<string, string>(options.Value.Metadata, StringComparer.Ordinal)
        {
            [MeshMetadata.Schema] = Schema,
            [MeshMetadata.Protocols] = protocols,
            [MeshMetadata.Version] = self.Version,
        };
        if (self.Zone is { } zone)
        {
            metadata[MeshMetadata.Zone] = zone;
        }

        if (tls is not null)
        {
            metadata[MeshMetadata.Tls] = tls;
        }

        return metadata;
    }

    private CheckRegistration Check(MeshServerOptions settings, Listener listener, string host, int port)
    {
        var check = new CheckRegistration
        {
            CheckId = CheckId,
            Name = settings.Check == MeshCheckKind.Ttl ? "Mesh heartbeat" : "Mesh HTTP check",
            DeregisterCriticalServiceAfter = settings.DeregisterCriticalServiceAfter,
        };
        if (settings.Check == MeshCheckKind.Ttl)
        {
            return check with { Ttl = settings.Ttl };
        }

        // The agent has no certificate: it asks where none is demanded, if there is such a place.
        var asked = listener.Plain ?? listener;
        if (listener.Plain is null && door.Mode == InboundTls.Strict && !listener.IsHttps)
        {
            ServerLog.CheckCannotPass(logger, self.Service, port);
        }

        var authority = host.Contains(':') ? $"[{host}]" : host;
        var scheme = asked.IsHttps ? "https" : "http";
        port = listener.Plain?.Port ?? port;
        return check with
        {
            Http = string.Create(CultureInfo.InvariantCulture, $"{scheme}://{authority}:{port}{settings.CheckPath}"),
            Interval = settings.CheckInterval,
            Timeout = settings.CheckTimeout,
        };
    }
}
