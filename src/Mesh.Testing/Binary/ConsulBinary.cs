namespace Mesh.Testing;

/// <summary>Finds a Consul binary, fetching one when the machine has none.</summary>
public static class ConsulBinary
{
    /// <summary>
    /// The path of a Consul binary. Tried in this order: the environment variable <c>CONSUL_BIN</c>; the directories of
    /// <c>PATH</c>; what an earlier search left in the user's cache folder; the official release archive, checked
    /// against a SHA-256 pinned in this package; on Debian and Ubuntu the distribution's <c>consul</c> package,
    /// verified by apt and unpacked without being installed. A fetched binary is kept in the cache folder.
    /// Safe to call from many processes at once: one fetches, the others wait for it.
    /// </summary>
    /// <param name="cancellationToken">Gives up; nothing half-written is left behind.</param>
    /// <exception cref="ConsulNotFoundException">
    /// No way worked, or <c>CONSUL_BIN</c> names no file; the message names every way tried with its outcome.
    /// </exception>
    public static Task<string> FindAsync(CancellationToken cancellationToken = default) =>
        new ConsulSearch(ConsulSearchSettings.OfThisMachine()).FindAsync(cancellationToken);
}
