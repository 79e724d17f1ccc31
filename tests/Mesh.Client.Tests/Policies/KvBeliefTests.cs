using System.Text;
using Mesh.Client.Policies;
using Mesh.Consul;

namespace Mesh.Client.Tests.Policies;

public sealed class KvBeliefTests
{
    private readonly KvBelief _belief = new();

    [Fact]
    public void Written_NewAndChangedKeysOnly()
    {
        Assert.Equal(["mesh/a", "mesh/b"], Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10)).Written.Select(e => e.Key));
        Assert.Equal(["mesh/b"], Apply(11, Entry("mesh/a", 5), Entry("mesh/b", 11)).Written.Select(e => e.Key));
        Assert.True(Apply(12, Entry("mesh/a", 5), Entry("mesh/b", 11)).IsEmpty);
    }

    [Fact]
    public void Folder_IsNoDocument() => Assert.True(Apply(10, Entry("mesh/policy/", 10)).IsEmpty);

    [Fact]
    public void Vanished_AtAHigherIndex_IsDeleted()
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10));

        var change = Apply(11, Entry("mesh/a", 5));

        Assert.Equal(["mesh/b"], change.Deleted);
        Assert.Empty(change.Orphaned);
        Assert.Equal(["mesh/a"], _belief.Entries.Keys);
    }

    [Fact]
    public void Vanished_AtTheSameIndex_IsOrphaned_BecauseATokenHidesIt()
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10));

        var change = Apply(10, Entry("mesh/a", 5));

        Assert.Equal(["mesh/b"], change.Orphaned);
        Assert.Empty(change.Deleted);
        Assert.Equal(2, _belief.Entries.Count);
        Assert.True(Apply(10, Entry("mesh/a", 5)).IsEmpty);
    }

    [Theory]
    [InlineData(BlockingQueryTransition.IndexRegressed)]
    [InlineData(BlockingQueryTransition.Recovered)]
    public void Vanished_AtALowerIndex_IsOrphaned(BlockingQueryTransition transition)
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10));

        Assert.Equal(["mesh/b"], Apply(9, transition, Entry("mesh/a", 5)).Orphaned);
    }

    [Fact]
    public void Vanished_WhileAnotherKeyWentBack_IsOrphaned_ThoughTheIndexHasGrownPastTheOldOneSince()
    {
        Apply(10, Entry("mesh/a", 9), Entry("mesh/b", 10));

        var change = Apply(12, Entry("mesh/a", 5), Entry("mesh/c", 12));

        Assert.Equal(["mesh/a", "mesh/c"], change.Written.Select(e => e.Key));
        Assert.Equal(["mesh/b"], change.Orphaned);
        Assert.Equal(["mesh/a"], Apply(13, Entry("mesh/c", 12)).Deleted);
    }

    [Fact]
    public void Older_IsALowerIndexOfTheWholeOrOfAKey()
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10));

        Assert.False(_belief.IsOlder(Answer(10, Entry("mesh/a", 5), Entry("mesh/b", 10))));
        Assert.True(_belief.IsOlder(Answer(9, Entry("mesh/a", 5))));
        Assert.True(_belief.IsOlder(Answer(11, Entry("mesh/a", 4))));
        Assert.Equal(10ul, _belief.Newest);
    }

    [Fact]
    public void Vanished_WithoutALeader_IsOrphaned()
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10));

        var answer = new ConsulResponse<KvEntry[]>([Entry("mesh/a", 5)], 11, false, default, null, false);

        Assert.Equal(["mesh/b"], _belief.Apply(answer, BlockingQueryTransition.None).Orphaned);
    }

    [Fact]
    public void Vanished_AndHiddenFromTheToken_IsOrphaned_WhileOthersAreDeleted()
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 6), Entry("mesh/c", 10));
        var answer = new ConsulResponse<KvEntry[]>([Entry("mesh/a", 5)], 12, true, default, null, false);
        Assert.Equal(["mesh/b", "mesh/c"], _belief.Vanished(answer).Order());

        var change = _belief.Apply(answer, BlockingQueryTransition.None, hidden: new HashSet<string> { "mesh/b" });

        Assert.Equal(["mesh/b"], change.Orphaned);
        Assert.Equal(["mesh/c"], change.Deleted);
    }

    [Fact]
    public void AllAtOnce_IsOrphaned_WhateverTheIndex()
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10));

        Assert.Equal(["mesh/a", "mesh/b"], Apply(11).Orphaned.Order());
    }

    [Fact]
    public void TheLastOne_MayBeDeletedByHand_ButNotAcrossAGap()
    {
        Apply(10, Entry("mesh/a", 5));
        Assert.Equal(["mesh/a"], Apply(11).Deleted);

        Apply(12, Entry("mesh/b", 12));
        Assert.Equal(["mesh/b"], Apply(13, BlockingQueryTransition.Recovered).Orphaned);
    }

    [Fact]
    public void Orphan_IsTakenUpAgain_EvenUnchanged_AndCanBeDeletedThen()
    {
        Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10));
        Apply(10, Entry("mesh/a", 5));

        Assert.Equal(["mesh/b"], Apply(10, Entry("mesh/a", 5), Entry("mesh/b", 10)).Written.Select(e => e.Key));
        Assert.Empty(_belief.Orphans);
        Assert.Equal(["mesh/b"], Apply(11, Entry("mesh/a", 5)).Deleted);
    }

    [Fact]
    public void Restored_StateOfAnEarlierRun_ProtectsAgainstAnEmptyConsul()
    {
        _belief.Restore(10, [Entry("mesh/a", 5), Entry("mesh/b", 6), Entry("mesh/c", 10)], ["mesh/c"]);

        Assert.Equal(["mesh/a"], Apply(3, BlockingQueryTransition.First, Entry("mesh/b", 3)).Orphaned);
        Assert.Equal(["mesh/a", "mesh/c"], _belief.Orphans.Order());
    }

    [Fact]
    public void Restored_KeyDeletedMeanwhile_IsDeleted()
    {
        _belief.Restore(10, [Entry("mesh/a", 5), Entry("mesh/b", 6)], []);

        Assert.Equal(["mesh/b"], Apply(20, BlockingQueryTransition.First, Entry("mesh/a", 5)).Deleted);
    }

    private static KvEntry Entry(string key, ulong index) => new(key, Encoding.UTF8.GetBytes($"{key} {index}"), 1, index, 0);

    private KvChange Apply(ulong index, params KvEntry[] entries) => Apply(index, BlockingQueryTransition.None, entries);

    private KvChange Apply(ulong index, BlockingQueryTransition transition, params KvEntry[] entries) =>
        _belief.Apply(Answer(index, entries), transition);

    private static ConsulResponse<KvEntry[]> Answer(ulong index, params KvEntry[] entries) =>
        new(entries, index, true, default, null, entries.Length == 0);
}
