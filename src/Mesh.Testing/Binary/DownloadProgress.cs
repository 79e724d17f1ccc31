using System.Globalization;

namespace Mesh.Testing;

/// <summary>
/// Tells on the console that a download runs and how far it is, so that a long one does not look like a hang.
/// </summary>
internal sealed class DownloadProgress
{
    private readonly ConsulSearchSettings _settings;
    private readonly long? _length;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private TimeSpan _next;

    public DownloadProgress(ConsulSearchSettings settings, Uri address, long? length)
    {
        _settings = settings;
        _length = length;
        _next = settings.ProgressEvery;
        settings.Progress.WriteLine(
            $"Consul: fetching {address} ({Size(length)}), once; it is kept in {settings.CacheFolder}");
    }

    public long Received { get; private set; }

    public void Add(int bytes)
    {
        Received += bytes;
        var elapsed = TimeProvider.System.GetElapsedTime(_started);
        if (elapsed >= _next)
        {
            _next = elapsed + _settings.ProgressEvery;
            _settings.Progress.WriteLine(
                $"Consul: {Size(Received)} of {Size(_length)} after {elapsed.TotalSeconds:0} s");
        }
    }

    public void Done() => _settings.Progress.WriteLine(
        $"Consul: fetched {Size(Received)} in {TimeProvider.System.GetElapsedTime(_started).TotalSeconds:0.0} s");

    private static string Size(long? bytes) =>
        bytes is { } known
            ? (known / 1_000_000.0).ToString("0.0", CultureInfo.InvariantCulture) + " MB"
            : "unknown size";
}
