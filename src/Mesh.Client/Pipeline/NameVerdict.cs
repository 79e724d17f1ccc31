namespace Mesh.Client.Pipeline;

/// <summary>Whether a URI is for the mesh, or why it is not.</summary>
internal enum NameVerdict
{
    Meshed,

    /// <summary>The scheme is none that HTTP clients speak, or the URI is relative.</summary>
    NotHttp,

    /// <summary>The host is an IP address.</summary>
    Address,

    /// <summary>The host has a dot and none of the suffixes, or is <c>localhost</c>.</summary>
    Foreign,

    /// <summary>Only listed names are meshed, and this is none.</summary>
    Unlisted,

    /// <summary>The port is neither the scheme's default nor the one listed for the name.</summary>
    OtherPort,
}
