namespace Mesh.Client;

/// <summary>Where this process's identity comes from.</summary>
public enum MeshIdentitySource
{
    /// <summary>
    /// <see cref="Files"/> when a certificate file is set, else <see cref="Consul"/> when Consul is used and its authority
    /// answers, else none. That there is none is then nothing wrong.
    /// </summary>
    Auto,

    /// <summary>The authority of Consul Connect, through the agent. Needs <c>service:write</c> on the own service.</summary>
    Consul,

    /// <summary>PEM files that something else writes and renews.</summary>
    Files,

    /// <summary>
    /// A root that this user's processes on this machine share, made by the first of them. It proves nothing to anybody else:
    /// refused outside of the environment Development unless <see cref="MeshIdentityOptions.AllowDevelopment"/> is set.
    /// </summary>
    Development,

    /// <summary>No identity: plaintext only.</summary>
    None,
}
