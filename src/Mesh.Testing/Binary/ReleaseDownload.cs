using System.IO.Compression;
using System.Security.Cryptography;

namespace Mesh.Testing;

/// <summary>
/// Downloads the official release archive, refuses it when its SHA-256 is not the pinned one, and unpacks it.
/// </summary>
internal sealed class ReleaseDownload(ConsulSearchSettings settings)
{
    private const long MaxArchive = 512L * 1024 * 1024;

    /// <exception cref="ConsulSearchException">It did not work; the message says why.</exception>
    public async Task FetchAsync(string entryName, string target, CancellationToken cancellationToken)
    {
        var release = settings.Release;
        if (!release.Sha256ByPlatform.TryGetValue(settings.Platform, out var expected))
        {
            throw new ConsulSearchException(
                $"not tried: no archive of {release.Version} is pinned for the platform {settings.Platform}");
        }

        var address = release.Archive(settings.Platform);
        var archive = Path.Combine(settings.CacheFolder!, $"download-{Guid.NewGuid():N}.zip");
        try
        {
            var actual = await DownloadAsync(address, archive, cancellationToken).ConfigureAwait(false);
            if (!string.Equals(actual, expected, StringComparison.OrdinalIgnoreCase))
            {
                throw new ConsulSearchException(
                    $"refused: {address} has the SHA-256 {actual}, but {expected} is pinned for it");
            }

            using var zip = await ZipFile.OpenReadAsync(archive, cancellationToken).ConfigureAwait(false);
            var entry = zip.GetEntry(entryName)
                ?? throw new ConsulSearchException($"{address} has no entry named {entryName}");
            var content = await entry.OpenAsync(cancellationToken).ConfigureAwait(false);
            await using (content.ConfigureAwait(false))
            {
                await ExecutableFile.InstallAsync(content, target, cancellationToken).ConfigureAwait(false);
            }
        }
        catch (Exception e)
            when (e is HttpRequestException or IOException or InvalidDataException or UnauthorizedAccessException)
        {
            throw new ConsulSearchException($"{address}: {e.Message}", e);
        }
        finally
        {
            File.Delete(archive);
        }
    }

    private async Task<string> DownloadAsync(Uri address, string file, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler { ConnectTimeout = settings.ConnectTimeout };
        using var http = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        using var stall = new CancellationTokenSource(settings.StallTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(stall.Token, cancellationToken);
        try
        {
            using var response = await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, either.Token)
                .ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            var progress = new DownloadProgress(settings, address, response.Content.Headers.ContentLength);
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var output = new FileStream(file, FileMode.CreateNew, FileAccess.Write);
            await using var _ = output.ConfigureAwait(false);
            var body = await response.Content.ReadAsStreamAsync(either.Token).ConfigureAwait(false);
            var buffer = new byte[128 * 1024];
            for (int read; (read = await body.ReadAsync(buffer, either.Token).ConfigureAwait(false)) > 0;)
            {
                stall.CancelAfter(settings.StallTimeout);
                hash.AppendData(buffer, 0, read);
                await output.WriteAsync(buffer.AsMemory(0, read), either.Token).ConfigureAwait(false);
                progress.Add(read);
                if (progress.Received > MaxArchive)
                {
                    throw new ConsulSearchException(
                        $"refused: {address} is larger than {MaxArchive / 1024 / 1024} MiB");
                }
            }

            progress.Done();
            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ConsulSearchException(
                stall.IsCancellationRequested
                    ? $"{address} sent nothing for {settings.StallTimeout.TotalSeconds:0.#} s"
                    : $"{address} did not accept a connection within {settings.ConnectTimeout.TotalSeconds:0.#} s",
                e);
        }
    }
}
