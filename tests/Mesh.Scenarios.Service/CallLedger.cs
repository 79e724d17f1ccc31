using System.Text;

namespace Mesh.Scenarios.Service;

/// <summary>
/// What this instance executed, one id a line, written before the answer. An id that stands in the ledgers of a service
/// more than once was executed more than once.
/// </summary>
internal sealed class CallLedger : IDisposable
{
    // Guards the file: whole lines, in any order. Nothing else is done under it.
    private readonly Lock _lock = new();
    private readonly FileStream? _file;

    public CallLedger(ServiceSettings settings)
    {
        if (settings.Ledger.Length > 0)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(settings.Ledger)!);
            _file = new FileStream(
                settings.Ledger, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
    }

    public void Add(string id)
    {
        var line = Encoding.UTF8.GetBytes(id + "\n");
        lock (_lock)
        {
            _file?.Write(line);
        }
    }

    public void Dispose() => _file?.Dispose();
}
