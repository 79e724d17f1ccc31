using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Limits;

/// <summary>
/// How much a member's request matters: by the header of the hop, else by W3C baggage, which also passes through processes
/// in between that know nothing of the mesh but forward what they were sent. They forward it from anybody, and .NET does so by
/// itself: baggage makes a request matter less than others, and never more.
/// </summary>
internal sealed class CriticalityReader(InboundInstruments instruments)
{
    /// <summary>
    /// What it says; <see langword="null"/> when it says nothing that can be read. The header of the hop is taken off the
    /// request.
    /// </summary>
    public MeshCriticality? TakeOfMember(HttpRequest request)
    {
        if (request.Headers.TryGetValue(MeshHeaders.Criticality, out var values))
        {
            request.Headers.Remove(MeshHeaders.Criticality);
            return Heed(values is [{ } word] ? CriticalityWords.Parse(word) : null);
        }

        foreach (var line in request.Headers.Baggage)
        {
            if (TryFind(line, out var word))
            {
                var said = Heed(CriticalityWords.Parse(word));
                return said > MeshCriticality.Critical ? MeshCriticality.Critical : said;
            }
        }

        return null;
    }

    /// <summary>Finds <c>mesh.criticality=word</c> in <c>a=1, mesh.criticality=word;properties, b=2</c>.</summary>
    private static bool TryFind(ReadOnlySpan<char> baggage, out ReadOnlySpan<char> word)
    {
        foreach (var range in baggage.Split(','))
        {
            var member = baggage[range];
            var equals = member.IndexOf('=');
            if (equals > 0 && member[..equals].Trim().SequenceEqual(CriticalityWords.BaggageKey))
            {
                var value = member[(equals + 1)..];
                var properties = value.IndexOf(';');
                word = (properties < 0 ? value : value[..properties]).Trim();
                return true;
            }
        }

        word = default;
        return false;
    }

    private MeshCriticality? Heed(MeshCriticality? criticality)
    {
        if (criticality is null)
        {
            instruments.Ignored(MeshReasons.Malformed);
        }

        return criticality;
    }
}
