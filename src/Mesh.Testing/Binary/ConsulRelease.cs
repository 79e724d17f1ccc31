using System.Runtime.InteropServices;

namespace Mesh.Testing;

/// <summary>An official Consul release: where its archives are, and the SHA-256 each must have.</summary>
internal sealed record ConsulRelease(
    string Version, Uri BaseAddress, IReadOnlyDictionary<string, string> Sha256ByPlatform)
{
    /// <summary>
    /// The release this package fetches. The sums are those HashiCorp publishes for its own Homebrew tap, and the one
    /// for Windows those Scoop takes from the release's SHA256SUMS file.
    /// </summary>
    public static ConsulRelease Pinned { get; } = new(
        "1.22.7",
        new Uri("https://releases.hashicorp.com/consul/"),
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["linux_amd64"] = "fe25cecd8dd3552a8e5b0941cde1d79bb6004eac384aa45679dd1398f947201d",
            ["linux_arm64"] = "db54c5fb7c5ceaef97a38ca45dcc0f649ff592a48c73ab320e2d535c78e136cc",
            ["linux_arm"] = "e97106d356f339bb7815fadac2695be2c81195271729bf3c8aa4997e8ba9a776",
            ["darwin_amd64"] = "4c768e809905e4ea1869a956e307d6311ebd592888f1dba2a2fbd72bcfe4f18e",
            ["darwin_arm64"] = "6356b66f92f81d20e13129b09cdbacae7179952b7285e22f8ef8f8dffbf49758",
            ["windows_amd64"] = "04b719261fa442a0498f9de7cf434341a531a74f11910db2463c6a0f91e829fc",
            ["windows_386"] = "b7884ec4147f9750731d070f759b622f55f9211e654bfcccbb80091d97ec39bb",
        });

    /// <summary>This machine in HashiCorp's words, for example <c>linux_amd64</c>.</summary>
    public static string ThisPlatform { get; } =
        (OperatingSystem.IsWindows() ? "windows"
            : OperatingSystem.IsMacOS() ? "darwin"
            : OperatingSystem.IsLinux() ? "linux"
            : "other") +
        "_" +
        RuntimeInformation.OSArchitecture switch
        {
            Architecture.X64 => "amd64",
            Architecture.X86 => "386",
            Architecture.Arm64 => "arm64",
            Architecture.Arm => "arm",
            var other => other.ToString().ToLowerInvariant(),
        };

    /// <summary>The archive for a platform.</summary>
    public Uri Archive(string platform) => new(BaseAddress, $"{Version}/consul_{Version}_{platform}.zip");
}
