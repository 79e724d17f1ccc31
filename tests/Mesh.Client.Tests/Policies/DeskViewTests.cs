using System.Text;
using Mesh.Client.Policies;
using Mesh.Policy;

namespace Mesh.Client.Tests.Policies;

public sealed class DeskViewTests
{
    private static readonly PolicyKey Orders = PolicyKey.TrafficTo("orders");
    private static readonly PolicyKey Global = PolicyKey.GlobalTraffic;

    private readonly Dictionary<PolicyKey, PolicyRevision> _ours = [];
    private readonly SupersededRevisions _superseded = new();
    private readonly DeskView _view;

    public DeskViewTests() => _view = new DeskView(_ours.GetValueOrDefault, _superseded.Contains);

    [Fact]
    public void Judge_NothingHeld_TakesEverythingAndProvesTheDesk()
    {
        Read(PolicyEventType.Snapshot, Document(Orders, 5), Document(Global, 6));

        var verdict = Judge();

        Assert.Equal(2, verdict.Take.Count);
        Assert.True(_view.IsProven);
    }

    [Fact]
    public void Judge_ReconnectWithWhatWeHaveAndMore_IsProven()
    {
        Hold(Orders, 5);
        Read(PolicyEventType.Snapshot, Document(Orders, 5), Document(Global, 9));

        Assert.Equal(Global, Assert.Single(Judge().Take).Key);
        Assert.True(_view.IsProven);
    }

    [Fact]
    public void Judge_ReconnectWithASupersededRevision_IsOlderForEver()
    {
        Hold(Orders, 7);
        _superseded.Add(Orders, Revision(5));
        Read(PolicyEventType.Snapshot, Document(Orders, 5));

        var verdict = Judge(graceOver: true);

        Assert.Empty(verdict.Take);
        Assert.Equal([Orders], verdict.Older);
        Assert.False(_view.IsProven);
    }

    [Theory]
    [InlineData(9, true)] // plausible, so time is witness enough
    [InlineData(3, false)] // lower in the same datacenter: only KV can say that it is newer
    public void Judge_ReconnectWithAnUnknownRevision_IsDoubtedUntilGraceAtLeast(int index, bool afterGrace)
    {
        Hold(Orders, 5);
        Read(PolicyEventType.Snapshot, Document(Orders, (ulong)index));

        Assert.Equal([Orders], Judge().Doubted);
        Assert.Equal(afterGrace ? 1 : 0, Judge(graceOver: true).Take.Count);
        Assert.Equal(afterGrace, _view.IsProven);
    }

    [Fact]
    public void Judge_KvConfirmsTheDesk_TakesItWhateverTheIndex()
    {
        Hold(Orders, 5);
        _superseded.Add(Orders, Revision(3));
        Read(PolicyEventType.Snapshot, Document(Orders, 3));

        Assert.Single(Judge(witnessed: (Orders, Revision(3))).Take);
    }

    [Fact]
    public void Judge_KvConfirmsUs_TheDeskLags()
    {
        Hold(Orders, 5);
        Read(PolicyEventType.Snapshot, Document(Orders, 4));

        var verdict = Judge(graceOver: true, witnessed: (Orders, Revision(5)));

        Assert.Empty(verdict.Take);
        Assert.Equal([Orders], verdict.Older);
    }

    [Fact]
    public void Judge_KvSaysNeither_StaysInDoubt()
    {
        Hold(Orders, 5);
        Read(PolicyEventType.Snapshot, Document(Orders, 6));

        Assert.Equal([Orders], Judge(graceOver: true, witnessed: (Orders, Revision(8))).Doubted);
    }

    [Fact]
    public void Judge_DeskLacksADocument_IsNoDeletionUnlessKvLacksItToo()
    {
        Hold(Orders, 5);
        Read(PolicyEventType.Snapshot);

        Assert.Equal([Orders], Judge(graceOver: true).Doubted);
        Assert.Equal([Orders], Judge(witnessed: (Orders, null)).Drop);
    }

    [Fact]
    public void Judge_ProvenDeskChangesAndRemoves_IsTakenAtItsWord()
    {
        Hold(Orders, 5);
        Hold(Global, 6);
        Read(PolicyEventType.Snapshot, Document(Orders, 5), Document(Global, 6));
        Judge();

        Read(PolicyEventType.Change, [Global], Document(Orders, 8));
        var verdict = Judge();

        Assert.Equal(8ul, Assert.Single(verdict.Take).Revision.ModifyIndex);
        Assert.Equal([Global], verdict.Drop);
    }

    [Fact]
    public void Reconnected_ProvenDesk_HasToProveItselfAnew()
    {
        Read(PolicyEventType.Snapshot, Document(Orders, 5));
        Judge();
        Hold(Orders, 5);

        _view.Reconnected();

        Assert.False(_view.IsProven);
        Assert.NotNull(_view.Hash);
    }

    [Fact]
    public void Read_TextThatIsNotItsHash_IsRefused()
    {
        var document = Document(Orders, 5) with { Body = "{}" };

        Assert.Contains("hash", _view.Read(Event(PolicyEventType.Snapshot, [], [document])), StringComparison.Ordinal);
    }

    [Fact]
    public void Read_SetThatDoesNotAddUp_IsRefused() => Assert.NotNull(_view.Read(
        Event(PolicyEventType.Snapshot, [], [Document(Orders, 5)]) with { Hash = "0000000000000000" }));

    [Fact]
    public void Read_NewerSchema_IsRefused() =>
        Assert.NotNull(_view.Read(Event(PolicyEventType.Snapshot, [], []) with { Schema = 99 }));

    [Fact]
    public void Read_EventOfANewerVersion_IsSkipped()
    {
        Read(PolicyEventType.Snapshot, Document(Orders, 5));

        Assert.Null(_view.Read(Event(PolicyEventType.Unknown, [], []) with { Hash = "whatever" }));
    }

    private static PolicyRevision Revision(ulong index) => new("dc1", index, PolicyRevision.HashOf(Body(index)));

    private static byte[] Body(ulong index) => Encoding.UTF8.GetBytes($$"""{ "schema": 1, "meta": { "why": "{{index}}" } }""");

    private static PolicyDocumentWire Document(PolicyKey key, ulong index) => new()
    {
        Key = key,
        Revision = Revision(index),
        Body = Encoding.UTF8.GetString(Body(index)),
        State = PolicyDocumentState.Accepted,
    };

    private static PolicyEvent Event(
        PolicyEventType type, IReadOnlyList<PolicyKey> removed, IReadOnlyList<PolicyDocumentWire> documents) => new()
        {
            Type = type,
            Mesh = "mesh",
            Datacenter = "dc1",
            Hash = PolicySnapshotWire.HashOf(documents),
            Documents = documents,
            Removed = removed,
        };

    private void Hold(PolicyKey key, ulong index) => _ours[key] = Revision(index);

    private void Read(PolicyEventType type, params PolicyDocumentWire[] documents) => Read(type, [], documents);

    private void Read(PolicyEventType type, IReadOnlyList<PolicyKey> removed, params PolicyDocumentWire[] documents) =>
        Assert.Null(_view.Read(Event(type, removed, documents)));

    private DeskVerdict Judge(bool graceOver = false, params (PolicyKey Key, PolicyRevision? Truth)[] witnessed) =>
        _view.Judge(_ours.Keys, witnessed.ToDictionary(w => w.Key, w => w.Truth), graceOver);
}
