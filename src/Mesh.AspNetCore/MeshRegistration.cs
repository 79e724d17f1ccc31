namespace Mesh.AspNetCore;

/// <summary>Who registers this instance in Consul.</summary>
public enum MeshRegistration
{
    /// <summary>The process registers itself once it listens, and takes itself out before it stops.</summary>
    Self,

    /// <summary>
    /// Something else did (Nomad, Terraform, Puppet). The process finds itself on the agent, refreshes no check, and
    /// sets maintenance on its instance before it stops.
    /// </summary>
    External,
}
