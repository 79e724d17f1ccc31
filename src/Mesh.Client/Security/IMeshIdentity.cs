namespace Mesh.Client;

/// <summary>
/// Who this process is: its current certificate and whom it trusts. One singleton; sources are Consul's Connect CA, PEM
/// files, or the development CA.
/// </summary>
public interface IMeshIdentity
{
    /// <summary>
    /// What is in force; <see langword="null"/> while there is none (no source, none has answered yet, or the leaf has
    /// expired and could not be renewed). Replaced as a whole: reading it is one volatile read.
    /// </summary>
    MeshIdentity? Current { get; }

    /// <summary>A task that ends when the first identity is there, or when it is clear that there will be none.</summary>
    Task FirstAnswer { get; }

    /// <summary><see cref="Current"/> was replaced. Raised on a background thread, outside of any lock.</summary>
    event Action? Changed;
}
