namespace Mesh.Testing;

/// <summary>
/// The last release of a distribution that has a <c>consul</c> package. Where it is fetched from is the machine's own
/// setting: whatever mirror apt is configured with.
/// </summary>
internal sealed record DistributionRelease(string Id, string Suite, string Component, string Keyring)
{
    public static IReadOnlyList<DistributionRelease> All { get; } =
    [
        new("debian", "bullseye", "main", "debian-archive-keyring.gpg"),
        new("ubuntu", "jammy", "universe", "ubuntu-archive-keyring.gpg"),
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
