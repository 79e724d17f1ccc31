namespace Mesh.AspNetCore.Registering;

/// <summary>Keeps this instance known to Consul while it serves.</summary>
internal interface IRegistration
{
    /// <summary>
    /// Runs until cancelled; trouble with Consul is logged and tried again. Begun anew when it throws anything else.
    /// </summary>
    Task RunAsync(Listener listener, CancellationToken cancellationToken);

    /// <summary>
    /// Tells Consul to send no more callers. Called once, after <see cref="RunAsync"/> has ended; trouble is logged.
    /// </summary>
    Task LeaveAsync(CancellationToken cancellationToken);
}
