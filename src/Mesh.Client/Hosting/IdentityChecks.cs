using Mesh.Client.Security;

namespace Mesh.Client.Hosting;

/// <summary>Checks the settings of the identity. What is in the files is not known yet, and may be right a moment later.</summary>
internal static class IdentityChecks
{
    private const string Section = "Mesh:Identity";

    public static void Check(MeshOptions options, bool isDevelopment, List<string> problems)
    {
        var identity = options.Identity;
        if (!Enum.IsDefined(identity.Source))
        {
            problems.Add(
                $"{Section}:Source is '{identity.Source}'; write one of {string.Join(", ", Enum.GetNames<MeshIdentitySource>())}.");
        }

        if (IdentityPaths.Fault(identity.Path) is { } fault)
        {
            problems.Add($"{Section}:Path: {fault} Consul's shape is \"{IdentityPaths.ConsulShape}\".");
        }

        CheckFiles(identity, problems);
        if (identity.Source == MeshIdentitySource.Consul && !options.Discovery.UseConsul)
        {
            problems.Add($"{Section}:Source is Consul, and Mesh:Discovery:UseConsul is false; set it to true, or choose another.");
        }

        if (identity.Source == MeshIdentitySource.Development && !isDevelopment && !identity.AllowDevelopment)
        {
            problems.Add(
                $"{Section}:Source is Development, which whoever can read the root's file can forge, and the environment is not " +
                $"Development; choose Consul or Files, or set {Section}:AllowDevelopment to true.");
        }
    }

    private static void CheckFiles(MeshIdentityOptions identity, List<string> problems)
    {
        (string Key, string? Value)[] files =
        [
            ("CertificateFile", identity.CertificateFile),
            ("KeyFile", identity.KeyFile),
            ("RootsFile", identity.RootsFile),
        ];
        var needed = identity.Source == MeshIdentitySource.Files ||
            (identity.Source == MeshIdentitySource.Auto && (files.Any(f => f.Value is not null) || identity.RootsFolder is not null));
        if (!needed)
        {
            return;
        }

        foreach (var (key, _) in files.Where(f => string.IsNullOrWhiteSpace(f.Value)))
        {
            problems.Add($"{Section}:{key} is not set; an identity from files needs CertificateFile, KeyFile and RootsFile.");
        }
    }
}
