using System.ComponentModel;

namespace Mesh.Testing;

/// <summary>
/// Takes the binary out of the distribution's own <c>consul</c> package. apt runs on private lists and a private cache,
/// so this needs no root and changes nothing of the system; apt checks the signatures as it always does.
/// </summary>
internal sealed class DistributionPackage(ConsulSearchSettings settings)
{
    private readonly DistributionSettings _distribution = settings.Distribution;

    /// <exception cref="ConsulSearchException">It did not work; the message says why.</exception>
    public async Task FetchAsync(string target, CancellationToken cancellationToken)
    {
        if (!_distribution.Supported || !File.Exists(_distribution.OsRelease))
        {
            throw new ConsulSearchException("not tried: this is neither Debian nor Ubuntu");
        }

        var osRelease = await File.ReadAllTextAsync(_distribution.OsRelease, cancellationToken).ConfigureAwait(false);
        var (release, ownSuite) = DistributionRelease.Of(osRelease)
            ?? throw new ConsulSearchException("not tried: this is neither Debian nor Ubuntu");
        var work = Path.Combine(settings.CacheFolder!, $"apt-{Guid.NewGuid():N}");
        try
        {
            var package = await DownloadAsync(release, ownSuite, work, cancellationToken).ConfigureAwait(false);
            await UnpackAsync(package, work, target, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or Win32Exception or TimeoutException)
        {
            throw new ConsulSearchException(e.Message, e);
        }
        finally
        {
            if (Directory.Exists(work))
            {
                Directory.Delete(work, recursive: true);
            }
        }
    }

    private async Task<string> DownloadAsync(
        DistributionRelease release, string ownSuite, string work, CancellationToken cancellationToken)
    {
        var failures = new List<string>();
        var mirrors = await MirrorsAsync(ownSuite, cancellationToken).ConfigureAwait(false);
        if (mirrors.Count == 0)
        {
            throw new ConsulSearchException($"apt is configured with no mirror of {release.Id}.");
        }

        foreach (var mirror in mirrors)
        {
            var message = $"Consul: fetching the {release.Suite} package from {mirror}, once; it is kept in ";
            await settings.Progress.WriteLineAsync(message + settings.CacheFolder).ConfigureAwait(false);
            var folder = Path.Combine(work, $"mirror-{failures.Count}");
            var apt = Prepare(release, mirror, folder);
            var output = await RunAsync(_distribution.AptGet, [.. apt, "update"], folder, cancellationToken)
                .ConfigureAwait(false);
            if (output.ExitCode == 0)
            {
                output = await RunAsync(_distribution.AptGet, [.. apt, "download", "consul"], folder, cancellationToken)
                    .ConfigureAwait(false);
            }

            var package = Directory.EnumerateFiles(folder, "consul_*.deb").FirstOrDefault();
            if (output.ExitCode == 0 && package is not null)
            {
                return package;
            }

            failures.Add($"{mirror} {release.Suite}: {Gist(output)}");
        }

        throw new ConsulSearchException(string.Join("; ", failures));
    }

    private async Task<IReadOnlyList<string>> MirrorsAsync(string ownSuite, CancellationToken cancellationToken)
    {
        var targets = await RunAsync(
            _distribution.AptGet,
            ["indextargets", "--format", "$(REPO_URI)|$(CODENAME)|$(SUITE)"],
            "/",
            cancellationToken)
            .ConfigureAwait(false);
        return
        [
            .. AptMirrors.OfIndexTargets(targets.ExitCode == 0 ? targets.Text : "", ownSuite)
                .Concat(AptMirrors.OfSources(_distribution.AptFolder, ownSuite))
                .Distinct(StringComparer.Ordinal),
        ];
    }

    /// <summary>The options that keep apt inside a folder of ours.</summary>
    private List<string> Prepare(DistributionRelease release, string mirror, string folder)
    {
        Directory.CreateDirectory(Path.Combine(folder, "lists", "partial"));
        Directory.CreateDirectory(Path.Combine(folder, "cache", "archives", "partial"));
        var keyring = Path.Combine(_distribution.Keyrings, release.Keyring);
        var signedBy = File.Exists(keyring) ? $"[signed-by={keyring}] " : "";
        var sources = Path.Combine(folder, "sources.list");
        File.WriteAllText(sources, $"deb {signedBy}{mirror} {release.Suite} {release.Component}\n");
        string[] settingsOfApt =
        [
            "quiet=2",
            $"Dir::Etc::SourceList={sources}",
            "Dir::Etc::SourceParts=/dev/null",
            $"Dir::State::Lists={Path.Combine(folder, "lists")}",
            $"Dir::Cache={Path.Combine(folder, "cache")}",
            "Acquire::Languages=none",
            "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false",
            "Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false",
            "Acquire::Check-Valid-Until=false", // an archived suite is no longer signed anew
            "Acquire::Retries=1",
            "Acquire::http::Timeout=15",
            "Acquire::https::Timeout=15",
            "APT::Update::Error-Mode=any", // a mirror that cannot be reached is an error, not a warning
            "APT::Sandbox::User=", // apt's own user could not write into our folder
        ];
        return [.. settingsOfApt.SelectMany(setting => (string[])["-o", setting])];
    }

    private async Task UnpackAsync(string package, string work, string target, CancellationToken cancellationToken)
    {
        var folder = Path.Combine(work, "unpacked");
        var output = await RunAsync(_distribution.DpkgDeb, ["-x", package, folder], work, cancellationToken)
            .ConfigureAwait(false);
        var binary = Path.Combine(folder, "usr", "bin", "consul");
        if (output.ExitCode != 0 || !File.Exists(binary))
        {
            throw new ConsulSearchException($"{Path.GetFileName(package)} could not be unpacked: {Gist(output)}");
        }

        var content = File.OpenRead(binary);
        await using (content.ConfigureAwait(false))
        {
            await ExecutableFile.InstallAsync(content, target, cancellationToken).ConfigureAwait(false);
        }
    }

    private Task<ProcessOutput> RunAsync(
        string program, IEnumerable<string> arguments, string folder, CancellationToken cancellationToken) =>
        ProcessOutput.OfAsync(program, arguments, _distribution.ProgramTimeout, cancellationToken, folder);

    /// <summary>The first complaint of a program, on one line.</summary>
    private static string Gist(ProcessOutput output)
    {
        var lines = output.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        return lines.FirstOrDefault(l => l.StartsWith("E:", StringComparison.Ordinal))
            ?? lines.FirstOrDefault()
            ?? $"ended with {output.ExitCode} and no message";
    }
}
