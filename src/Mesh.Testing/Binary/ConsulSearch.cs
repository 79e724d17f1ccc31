using System.Globalization;
using System.Text;

namespace Mesh.Testing;

/// <summary>Tries every way to a Consul binary, in order, and remembers what came of each.</summary>
internal sealed class ConsulSearch(ConsulSearchSettings settings)
{
    private static readonly TimeSpan LockRetry = TimeSpan.FromMilliseconds(100);
    private readonly List<(string Way, string Outcome)> _tried = [];

    private string FileName =>
        settings.Platform.StartsWith("windows", StringComparison.Ordinal) ? "consul.exe" : "consul";

    public async Task<string> FindAsync(CancellationToken cancellationToken)
    {
        if (FromEnvironment() is { } chosen)
        {
            return chosen;
        }

        if ((FromPath() ?? FromCache()) is { } present)
        {
            return present;
        }

        if (settings.CacheFolder is not { } cache)
        {
            _tried.Add(
                ("download", "not tried: the user has no cache folder (neither XDG_CACHE_HOME nor HOME is set)"));
            throw NotFound();
        }

        using var _ = await LockAsync(cache, cancellationToken).ConfigureAwait(false);

        // Whoever held the lock before may have fetched it.
        return FromCache()
            ?? await TryAsync("release archive", FromReleaseAsync, cancellationToken).ConfigureAwait(false)
            ?? await TryAsync("distribution package", FromDistributionAsync, cancellationToken).ConfigureAwait(false)
            ?? throw NotFound();
    }

    private string? FromEnvironment()
    {
        if (string.IsNullOrEmpty(settings.ConsulBin))
        {
            _tried.Add(("CONSUL_BIN", "not set"));
            return null;
        }

        // A choice that does not work is an error: falling back would silently test another version.
        return File.Exists(settings.ConsulBin)
            ? Path.GetFullPath(settings.ConsulBin)
            : throw new ConsulNotFoundException(
                $"CONSUL_BIN is \"{settings.ConsulBin}\", which is no file. " +
                "Correct it, or unset it to search elsewhere.");
    }

    private string? FromPath()
    {
        var folders = (settings.SearchPath ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        foreach (var folder in folders)
        {
            var file = Path.Combine(folder, FileName);
            if (Path.IsPathRooted(folder) && ExecutableFile.Is(file))
            {
                return file;
            }
        }

        _tried.Add(("PATH", $"no {FileName} in it"));
        return null;
    }

    private string? FromCache()
    {
        if (settings.CacheFolder is null)
        {
            return null;
        }

        string[] candidates = [ReleaseFile(settings.CacheFolder), DistributionFile(settings.CacheFolder)];
        var found = candidates.FirstOrDefault(ExecutableFile.Is);
        if (found is null && !_tried.Any(t => t.Way == "cache"))
        {
            _tried.Add(("cache", $"nothing in {settings.CacheFolder}"));
        }

        return found;
    }

    private async Task<string> FromReleaseAsync(CancellationToken cancellationToken)
    {
        var file = ReleaseFile(settings.CacheFolder!);
        await new ReleaseDownload(settings).FetchAsync(FileName, file, cancellationToken).ConfigureAwait(false);
        return file;
    }

    private async Task<string> FromDistributionAsync(CancellationToken cancellationToken)
    {
        var file = DistributionFile(settings.CacheFolder!);
        await new DistributionPackage(settings).FetchAsync(file, cancellationToken).ConfigureAwait(false);
        return file;
    }

    private string ReleaseFile(string cache) =>
        Path.Combine(cache, $"consul-{settings.Release.Version}-{settings.Platform}", FileName);

    private string DistributionFile(string cache) =>
        Path.Combine(cache, $"consul-distribution-{settings.Platform}", FileName);

    private async Task<string?> TryAsync(
        string way, Func<CancellationToken, Task<string>> attempt, CancellationToken cancellationToken)
    {
        try
        {
            return await attempt(cancellationToken).ConfigureAwait(false);
        }
        catch (ConsulSearchException e)
        {
            _tried.Add((way, e.Message));
            await settings.Progress.WriteLineAsync($"Consul: {way}: {e.Message}").ConfigureAwait(false);
            return null;
        }
    }

    /// <summary>One process (or test) fetches at a time; a killed holder's lock ends with it.</summary>
    private static async Task<FileStream> LockAsync(string cache, CancellationToken cancellationToken)
    {
        try
        {
            Directory.CreateDirectory(cache);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ConsulNotFoundException(
                $"No Consul binary, and the cache folder {cache} cannot be made: {e.Message}");
        }

        var file = Path.Combine(cache, "fetch.lock");
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(file))
            {
                await Task.Delay(LockRetry, TimeProvider.System, cancellationToken).ConfigureAwait(false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new ConsulNotFoundException(
                    $"No Consul binary, and the cache folder {cache} is not writable: {e.Message}");
            }
        }
    }

    private ConsulNotFoundException NotFound()
    {
        var message = new StringBuilder("No Consul binary was found. Tried:");
        foreach (var (way, outcome) in _tried)
        {
            message.AppendLine().Append(CultureInfo.InvariantCulture, $"  {way}: {outcome}");
        }

        message.AppendLine().Append("Install Consul 1.8 or later on the PATH, or set CONSUL_BIN to a binary.");
        return new ConsulNotFoundException(message.ToString());
    }
}
