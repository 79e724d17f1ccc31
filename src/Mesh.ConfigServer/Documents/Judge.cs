using System.Text;
using Mesh.Policy;

namespace Mesh.ConfigServer.Documents;

/// <summary>Decides whether a document takes effect.</summary>
internal sealed class Judge(SubsetCatalog catalog)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The whole verdict on what is in KV, with what only the catalog can tell.</summary>
    public Task<Verdict> JudgeAsync(
        PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        JudgeAsync(key, Read(key, revision, value), cancellationToken);

    /// <summary>
    /// The whole verdict on what an author is about to write: of switches, what would still act in KV may be refused.
    /// </summary>
    public Task<Verdict> JudgeAuthorsAsync(
        PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> value, CancellationToken cancellationToken) =>
        JudgeAsync(key, ReadAuthors(key, revision, value), cancellationToken);

    /// <summary>What the text alone tells.</summary>
    public static Verdict Read(PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> value) =>
        Read(key, revision, value, ReadOptions.Tolerant);

    /// <summary>What the text alone tells, before it is written.</summary>
    public static Verdict ReadAuthors(PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> value) =>
        Read(key, revision, value, ReadOptions.Strict);

    private async Task<Verdict> JudgeAsync(PolicyKey key, Verdict verdict, CancellationToken cancellationToken)
    {
        if (verdict.Good?.Traffic is not { } traffic)
        {
            return verdict;
        }

        var empty = await catalog.FindEmptyAsync(key, traffic, cancellationToken);
        return empty.Count == 0 ? verdict : verdict with { Problems = empty, Good = null };
    }

    private static Verdict Read(
        PolicyKey key, PolicyRevision revision, ReadOnlyMemory<byte> value, ReadOptions ofSwitches)
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

        var good = new GoodDocument(revision, body);
        switch (key.Kind)
        {
            case PolicyDocumentKind.Switches:
                var switches = PolicyReader.ReadSwitches(value, key, ofSwitches);
                return Verdict(switches, good with { Switches = switches.Document });
            case PolicyDocumentKind.Security:
                var security = PolicyReader.ReadSecurity(value, key);
                return Verdict(security, good with { Security = security.Document });
            default:
                var traffic = PolicyReader.ReadTraffic(value, key, ReadOptions.Strict);
                return Verdict(traffic, good with { Traffic = traffic.Document });
        }
    }

    private static Verdict Verdict<T>(PolicyReadResult<T> read, GoodDocument good)
        where T : class => new(read.Problems, read.Ignored, read.IsAccepted ? good : null);
}
