namespace Mesh.Client;

/// <summary>
/// Who this process is: its current certificate and whom it trusts. One singleton; sources are Consul's Connect CA, PEM
/// files, or the development CA; an application may register its own before <c>AddMesh()</c>.
/// </summary>
public interface IMeshIdentity
{
    /// <summary>
    /// What is in force; <see langword="null"/> while there is none (no source, none has answered yet, or the leaf has
    /// expired and could not be renewed). Replaced as a whole: reading it is one volatile read. What cannot be renewed stays
    /// in force until the moment it expires: from then on peers that want an identity refuse new connections of this process,
    /// its own door has none to show, and services once seen with TLS are not called in plaintext; the log says so as an error.
    /// </summary>
    MeshIdentity? Current { get; }

    /// <summary>A task that ends when the first identity is there, or when it is clear that there will be none.</summary>
    Task FirstAnswer { get; }

    /// <summary><see cref="Current"/> was replaced. Raised on a background thread, outside of any lock.</summary>
    event Action? Changed;
}
