using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Registering;

/// <summary>What the inbound half says; event ids are stable.</summary>
internal static partial class ServerLog
{
    [LoggerMessage(7000, LogLevel.Information,
        "Registered {Service} in Consul as {Instance} at {Host}:{Port} ({Protocols}).")]
    public static partial void Registered(
        ILogger logger, string service, string instance, string host, int port, string protocols);

    [LoggerMessage(7001, LogLevel.Warning,
        "Consul at {Address} cannot be told about {Service} ({Instance}); trying on. The process serves meanwhile. " +
        "{Error}")]
    public static partial void ConsulUnreachable(
        ILogger logger, Uri address, string service, string instance, string error);

    [LoggerMessage(7002, LogLevel.Information, "Consul at {Address} answers again.")]
    public static partial void ConsulBack(ILogger logger, Uri address);

    [LoggerMessage(7003, LogLevel.Warning, "Consul has forgotten {Service} ({Instance}); registering it again.")]
    public static partial void Forgotten(ILogger logger, string service, string instance);

    [LoggerMessage(7004, LogLevel.Warning,
        "{Service} ({Instance}) is not registered in Consul yet, because it is not ready: {Error}")]
    public static partial void NotReady(ILogger logger, string service, string instance, string error);

    [LoggerMessage(7005, LogLevel.Information,
        "{Service} ({Instance}) left Consul; serving on until its callers know.")]
    public static partial void Deregistered(ILogger logger, string service, string instance);

    [LoggerMessage(7006, LogLevel.Warning,
        "{Service} ({Instance}) could not leave Consul; its check fails {Ttl} after its last heartbeat. {Error}")]
    public static partial void DeregisterFailed(
        ILogger logger, string service, string instance, TimeSpan ttl, string error);

    [LoggerMessage(7007, LogLevel.Information,
        "Nothing is registered in Consul: the server reports no TCP port (a test server, a socket or a pipe).")]
    public static partial void NoPort(ILogger logger);

    [LoggerMessage(7008, LogLevel.Warning,
        "The server listens on several ports; {Listener} is registered in Consul and {Others} not. To register " +
        "another one, put its port into Mesh:Server:Address, e.g. 10.0.0.7:8080.")]
    public static partial void SeveralListeners(ILogger logger, Listener listener, string others);

    [LoggerMessage(7009, LogLevel.Warning,
        "Leaving Consul and draining may take {Needed} of the {Allowed} that the host allows for the whole stop: less " +
        "than {Room} would be left for requests in flight, and what is not finished then is cut. Raise " +
        "HostOptions.ShutdownTimeout or lower Mesh:Server:DrainDelay.")]
    public static partial void DrainTooLong(ILogger logger, TimeSpan needed, TimeSpan allowed, TimeSpan room);

    [LoggerMessage(7010, LogLevel.Warning,
        "The drain was cut short: the host's shutdown timeout of {Allowed} is over.")]
    public static partial void DrainCut(ILogger logger, TimeSpan allowed);

    [LoggerMessage(7011, LogLevel.Information,
        "{Service} is registered by others as {Instance}; it was found and adopted.")]
    public static partial void Adopted(ILogger logger, string service, string instance);

    [LoggerMessage(7012, LogLevel.Warning,
        "'{Name}' at {Host}:{Port} is not registered on this agent, or not clearly; looking on. With Registration " +
        "External something else must register it; Mesh:Server:InstanceId tells which one it is.")]
    public static partial void NotFound(ILogger logger, string name, string host, int port);

    [LoggerMessage(7013, LogLevel.Information,
        "{Service} ({Instance}) is in maintenance; serving on until its callers know.")]
    public static partial void MaintenanceSet(ILogger logger, string service, string instance);

    [LoggerMessage(7014, LogLevel.Warning, "Maintenance could not be set on {Service} ({Instance}). {Error}")]
    public static partial void MaintenanceFailed(ILogger logger, string service, string instance, string error);

    [LoggerMessage(7030, LogLevel.Error,
        "Consul refuses the token of {Service} ({Instance}) (reason acl); it is not registered, or nobody hears of its " +
        "health, until the token is right. Trying on. The process serves meanwhile. {Error}")]
    public static partial void Denied(ILogger logger, string service, string instance, string error);

    [LoggerMessage(7016, LogLevel.Information,
        "Callers had {Delay} to hear of the stop. The server closes and finishes what is in flight: {InFlight} requests.")]
    public static partial void Closing(ILogger logger, TimeSpan delay, int inFlight);

    [LoggerMessage(7017, LogLevel.Warning,
        "The host's shutdown timeout of {Allowed} is over: {InFlight} requests in flight are cut. Raise " +
        "HostOptions.ShutdownTimeout when they are meant to take so long.")]
    public static partial void RequestsCut(ILogger logger, TimeSpan allowed, int inFlight);

    [LoggerMessage(7018, LogLevel.Warning,
        "Mesh:Server:Drain is off: the server closes at once with {InFlight} requests in flight, and callers are not " +
        "told before.")]
    public static partial void DrainOff(ILogger logger, int inFlight);

    [LoggerMessage(7020, LogLevel.Error,
        "The HTTP check of {Service} at port {Port} cannot pass: inbound.tls is strict, and Consul's agent has no " +
        "certificate. Let the process listen on another port too and name it in Mesh:Server:PlainPorts, or set " +
        "Mesh:Server:Check to Ttl.")]
    public static partial void CheckCannotPass(ILogger logger, string service, int port);

    [LoggerMessage(7021, LogLevel.Information,
        "What {Service} ({Instance}) offers has changed to '{Tls}' ({Protocols}); registering it again.")]
    public static partial void OfferChanged(
        ILogger logger, string service, string instance, string tls, string protocols);

    [LoggerMessage(7022, LogLevel.Warning,
        "{Service} ({Instance}) has no certificate after {Waited}; it is registered without TLS of the mesh until there " +
        "is one.")]
    public static partial void RegisteredWithoutIdentity(
        ILogger logger, string service, string instance, TimeSpan waited);

    [LoggerMessage(7019, LogLevel.Information,
        "Nothing is registered in Consul: Mesh:Discovery:UseConsul is false.")]
    public static partial void ConsulNotUsed(ILogger logger);
}
