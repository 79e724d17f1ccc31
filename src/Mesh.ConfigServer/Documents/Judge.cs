using System.Text;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>Decides whether a document takes effect.</summary>
internal sealed class Judge(SubsetCatalog catalog)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole verdict, with what only the catalog can tell.</summary>
    public async Task<Verdict> JudgeAsync(
        PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> value, CancellationToken cancellationToken)
    {
        var verdict = Read(key, revision, value);
        if (verdict.Good?.Traffic is not { } traffic)
        {
            return verdict;
        }

        var empty = await catalog.FindEmptyAsync(key, traffic, cancellationToken);
        return empty.Count == 0 ? verdict : verdict with { Problems = empty, Good = null };
    }

    /// <summary>What the text alone tells.</summary>
    public static Verdict Read(PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> value)
    {
        string body;
        try
        {
            body = Utf8.GetString(value.Span);
        }
        catch (DecoderFallbackException)
        {
            return new Verdict([new PolicyProblem("", ProblemCodes.Syntax, "The value is not UTF-8 text.")], [], null);
        }

        if (key.Kind == PolicyDocumentKind.Switches)
        {
            var switches = PolicyReader.ReadSwitches(value, key);
            return new Verdict(
                switches.Problems,
                switches.Ignored,
                switches.IsAccepted ? new GoodDocument(revision, body, null, switches.Document) : null);
        }

        var traffic = PolicyReader.ReadTraffic(value, key, ReadOptions.Strict);
        return new Verdict(
            traffic.Problems,
            traffic.Ignored,
            traffic.IsAccepted ? new GoodDocument(revision, body, traffic.Document, null) : null);
    }
}
