namespace Mesh.Testing.Tests;

/// <summary>A test that needs apt: skipped where there is none.</summary>
internal sealed class LinuxAptFactAttribute : FactAttribute
{
    public LinuxAptFactAttribute()
    {
        if (!File.Exists("/usr/bin/apt-get") || !File.Exists("/usr/bin/dpkg-deb"))
        {
            Skip = "This machine has no apt.";
        }
    }
}
