namespace Mesh.Testing;

/// <summary>
/// The last lines a process printed, up to a number of characters, so that a long run cannot fill the memory.
/// </summary>
internal sealed class BoundedLog(int maxCharacters = 256 * 1024)
{
    // Guards _lines and _characters: the output pump adds while tests read. Nothing is called under it.
    private readonly Lock _lock = new();
    private readonly Queue<string> _lines = new();
    private int _characters;

    public void Add(string line)
    {
        lock (_lock)
        {
            _lines.Enqueue(line);
            _characters += line.Length + 1;
            while (_characters > maxCharacters && _lines.Count > 1)
            {
                _characters -= _lines.Dequeue().Length + 1;
            }
        }
    }

    public override string ToString()
    {
        lock (_lock)
        {
            return string.Join('\n', _lines);
        }
    }
}
