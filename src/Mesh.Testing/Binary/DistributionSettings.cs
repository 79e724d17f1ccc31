namespace Mesh.Testing;

/// <summary>
/// Where the distribution keeps what <see cref="DistributionPackage"/> uses; tests point it elsewhere.
/// </summary>
internal sealed record DistributionSettings
{
    public string OsRelease { get; init; } = "/etc/os-release";

    /// <summary>apt's own configuration: <c>sources.list</c> and <c>sources.list.d</c>.</summary>
    public string AptFolder { get; init; } = "/etc/apt";

    public string Keyrings { get; init; } = "/usr/share/keyrings";

    public string AptGet { get; init; } = "apt-get";

    public string DpkgDeb { get; init; } = "dpkg-deb";

    /// <summary>How long one of these programs may run: the package and its index are about 25 MB.</summary>
    public TimeSpan ProgramTimeout { get; init; } = TimeSpan.FromMinutes(5);

    public bool Supported { get; init; } = OperatingSystem.IsLinux();
}
