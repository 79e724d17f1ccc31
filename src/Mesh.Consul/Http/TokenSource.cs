using System.Text;

namespace Mesh.Consul;

/// <summary>
/// The token to send now. A token file is read again at most once a second: cheaper than it sounds (a file of 36
/// bytes), and unlike a comparison of modification times it is right for replaced links, which is how secrets are
/// mounted.
/// </summary>
internal sealed class TokenSource
{
    private const int MaxFileBytes = 4096;
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(1);

    private readonly string? _fixedToken;
    private readonly string? _file;
    private readonly TimeProvider _time;

    // Guards the four fields below, so that concurrent requests read the file once. Held over one small file read;
    // nothing is called under it but the file system.
    private readonly Lock _gate = new();
    private string? _lastGood;
    private long _readAt;
    private bool _everRead;
    private int _changes;

    public TokenSource(string? fixedToken, string? file, TimeProvider time)
    {
        _fixedToken = fixedToken;
        _file = file;
        _time = time;
    }

    /// <summary>Where an operator finds the token to change it.</summary>
    public string Origin => _file is not null ? $"from the file '{_file}'"
        : _fixedToken is not null ? "from the configuration or CONSUL_HTTP_TOKEN"
        : "none is configured";

    /// <summary>How often another token came after the first.</summary>
    public int Changes => Volatile.Read(ref _changes);

    /// <summary>The token, or <see langword="null"/> to ask anonymously because none is configured.</summary>
    /// <exception cref="ConsulException"> A token file is configured, but it has never held a token and there is no
    /// other. Asking anonymously instead could bring empty answers that look like an empty catalog. </exception>
    public string? Current()
    {
        if (_file is null)
        {
            return _fixedToken;
        }

        lock (_gate)
        {
            if (!_everRead || _time.GetElapsedTime(_readAt) >= ReadEvery)
            {
                ReadFileLocked();
            }

            return _lastGood ?? _fixedToken ?? throw new ConsulException(
                $"The token file '{_file}' holds no token yet; write the Consul token into it.");
        }
    }

    private void ReadFileLocked()
    {
        _readAt = _time.GetTimestamp();
        _everRead = true;
        try
        {
            using var stream = new FileStream(
                _file!, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            Span<byte> buffer = stackalloc byte[MaxFileBytes];
            var length = stream.ReadAtLeast(buffer, buffer.Length, throwOnEndOfStream: false);
            var token = Encoding.UTF8.GetString(buffer[..length]).Trim();
            if (IsToken(token))
            {
                _changes += (_lastGood ?? _fixedToken) is { } before && before != token ? 1 : 0;
                _lastGood = token;
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Between deletion and rewrite there is no file; the last token stays good until a new one is there.
            if (_lastGood is null && _fixedToken is null)
            {
                throw new ConsulException($"The token file '{_file}' cannot be read: {e.Message}", inner: e);
            }
        }
    }

    /// <summary>A token is one word that a header can carry; an empty or half-written file holds none.</summary>
    public static bool IsToken(string text) => text.Length > 0 && text.All(c => c is > ' ' and < (char)127);
}
