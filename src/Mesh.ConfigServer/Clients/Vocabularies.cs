using System.Collections.Concurrent;
using Mesh.Policy;

namespace Mesh.ConfigServer.Clients;

/// <summary>
/// One object for all clients that understand the same: twenty thousand clients are of a few versions, and each says
/// its whole vocabulary every half a minute.
/// </summary>
internal sealed class Vocabularies
{
    /// <summary>More versions than live at one time; beyond it nothing is shared, and nothing is kept.</summary>
    private const int Kept = 256;

    private readonly ConcurrentDictionary<string, Vocabulary> _known = new(StringComparer.Ordinal);

    public Vocabulary? Share(ClientVocabulary? vocabulary)
    {
        if (vocabulary is null)
        {
            return null;
        }

        var content = $"{vocabulary.Schema} {string.Join(' ', vocabulary.Terms)}";
        var id = PolicyRevision.HashOf(System.Text.Encoding.UTF8.GetBytes(content));
        if (_known.TryGetValue(id, out var known))
        {
            return known;
        }

        var added = new Vocabulary(vocabulary);
        return _known.Count < Kept ? _known.GetOrAdd(id, added) : added;
    }
}
