namespace Mesh.Testing;

/// <summary>
/// The last release of a distribution that has a <c>consul</c> package, and where its archive is known to be.
/// </summary>
internal sealed record DistributionRelease(
    string Id, string Suite, string Component, string Keyring, IReadOnlyList<string> KnownMirrors)
{
    public static IReadOnlyList<DistributionRelease> All { get; } =
    [
        // The archive host takes over when the ordinary mirrors drop the suite.
        new("debian", "bullseye", "main", "debian-archive-keyring.gpg",
            ["http://deb.debian.org/debian", "http://archive.debian.org/debian"]),
        new("ubuntu", "jammy", "universe", "ubuntu-archive-keyring.gpg",
            ["http://archive.ubuntu.com/ubuntu", "http://ports.ubuntu.com/ubuntu-ports"]),
    ];

    /// <summary>
    /// The release for what <c>/etc/os-release</c> says, and the machine's own suite; null for another distribution.
    /// </summary>
    public static (DistributionRelease Release, string OwnSuite)? Of(string osRelease)
    {
        var values = osRelease.Split('\n')
            .Select(line => line.Trim().Split('=', 2))
            .Where(pair => pair.Length == 2)
            .ToLookup(pair => pair[0], pair => pair[1].Trim('"', '\''), StringComparer.Ordinal);
        var names = values["ID"].Concat(values["ID_LIKE"].SelectMany(v => v.Split(' ')));
        var release = names.Select(name => All.FirstOrDefault(r => r.Id == name)).FirstOrDefault(r => r is not null);
        return release is null ? null : (release, values["VERSION_CODENAME"].FirstOrDefault() ?? "");
    }
}
