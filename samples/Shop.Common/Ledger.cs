using System.Text;

namespace Shop.Common;

/// <summary>
/// The bookings of one service, shared by all its instances: a folder with one file per idempotency key. Creating a file
/// that must not exist is atomic across processes, so a key is booked once, whoever repeats the request.
/// </summary>
public sealed class Ledger
{
    private readonly string _folder;

    public Ledger(string folder) => _folder = Directory.CreateDirectory(folder).FullName;

    /// <summary>Books a checkout under its key. False when the key was booked before: the answer is then the same.</summary>
    public bool Book(string key, string checkout)
    {
        try
        {
            using var file = new FileStream(Path.Combine(_folder, Name(key)), FileMode.CreateNew, FileAccess.Write);
            file.Write(Encoding.UTF8.GetBytes(checkout));
            return true;
        }
        catch (IOException) when (File.Exists(Path.Combine(_folder, Name(key))))
        {
            return false;
        }
    }

    /// <summary>The checkout of every booking.</summary>
    public IReadOnlyList<string> Read() =>
        [.. Directory.EnumerateFiles(_folder).Select(File.ReadAllText)];

    private static string Name(string key) => Convert.ToHexString(Encoding.UTF8.GetBytes(key));
}
