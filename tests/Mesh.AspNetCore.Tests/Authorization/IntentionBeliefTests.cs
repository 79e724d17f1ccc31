using Mesh.AspNetCore.Authorization;
using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.AspNetCore.Tests.Authorization;

public sealed class IntentionBeliefTests
{
    private readonly IntentionBelief _belief = new();

    [Fact]
    public void Answer_OfTheFirst_IsTakenAsItIs()
    {
        Assert.True(Apply(10, BlockingQueryTransition.First, Deny("web"), Allow("admin")));

        Assert.Equal(["admin", "web"], InForce());
        Assert.False(Apply(11, BlockingQueryTransition.None, Deny("web"), Allow("admin")));
    }

    [Fact]
    public void Change_OfOne_IsTaken_AlsoFromAnotherHistory()
    {
        Apply(10, BlockingQueryTransition.First, Deny("web"));

        Assert.True(Apply(11, BlockingQueryTransition.None, Allow("web") with { ModifyIndex = 11 }));

        Assert.Equal(IntentionAction.Allow, _belief.InForce.Single().Action);
        Assert.True(Apply(4, BlockingQueryTransition.IndexRegressed, Deny("web") with { ModifyIndex = 3 }));
        Assert.Equal(IntentionAction.Deny, _belief.InForce.Single().Action);
    }

    [Theory]
    [InlineData(BlockingQueryTransition.None)]
    [InlineData(BlockingQueryTransition.Recovered)]
    public void OneOfSeveral_Vanished_IsDeleted(BlockingQueryTransition transition)
    {
        Apply(10, BlockingQueryTransition.First, Deny("web"), Allow("admin"));

        Assert.True(Apply(12, transition, Allow("admin")));

        Assert.Equal(["admin"], InForce());
        Assert.Equal(0, _belief.Orphans);
    }

    [Fact]
    public void Vanished_AsTheIndexWentBack_StaysUntilItIsWrittenAgain()
    {
        Apply(10, BlockingQueryTransition.First, Deny("web"), Allow("admin"));

        Apply(3, BlockingQueryTransition.IndexRegressed, Allow("admin"));

        Assert.Equal((2, 1), (_belief.InForce.Count, _belief.Orphans));
        Apply(20, BlockingQueryTransition.None, Allow("admin"));
        Assert.Equal(["admin", "web"], InForce());
        Apply(21, BlockingQueryTransition.None, Allow("admin"), Deny("web") with { ModifyIndex = 21 });
        Assert.Equal(0, _belief.Orphans);
        Apply(22, BlockingQueryTransition.None, Allow("admin"));
        Assert.Equal(["admin"], InForce());
    }

    [Fact]
    public void Vanished_AsALeaderIsMissing_OrAnotherOneIsOlder_Stays()
    {
        Apply(10, BlockingQueryTransition.First, Deny("web"), Allow("admin"));

        _belief.Apply(Answer(11, Allow("admin")) with { KnownLeader = false }, BlockingQueryTransition.None, false);
        Assert.Equal(["admin", "web"], InForce());

        Apply(12, BlockingQueryTransition.None, Allow("admin"), Deny("web") with { ModifyIndex = 12 });
        Apply(13, BlockingQueryTransition.Recovered, Allow("admin") with { ModifyIndex = 1 });
        Assert.Equal(["admin", "web"], InForce());
    }

    [Fact]
    public void All_VanishedAtOnce_StayUntilThatIsConfirmed()
    {
        Apply(10, BlockingQueryTransition.First, Deny("web"), Allow("admin"));
        var answer = Answer(12);

        Assert.True(_belief.LosesAll(answer));
        Assert.False(_belief.Apply(answer, BlockingQueryTransition.Recovered, isConfirmed: false));
        Assert.Equal((2, 0), (_belief.InForce.Count, _belief.Orphans));
        Assert.True(_belief.LosesAll(answer));
        Assert.True(_belief.Apply(answer, BlockingQueryTransition.None, isConfirmed: true));
        Assert.Empty(_belief.InForce);
        Assert.False(_belief.LosesAll(answer));
    }

    [Fact]
    public void Orphans_OverARestart_StayOrphans()
    {
        Apply(10, BlockingQueryTransition.First, Deny("web"), Allow("admin"));
        Apply(3, BlockingQueryTransition.IndexRegressed, Allow("admin"));
        var snapshot = new SnapshotIntentions(
            DateTimeOffset.UnixEpoch, _belief.Index, null, false, _belief.ToSnapshot());

        var next = new IntentionBelief();
        next.Restore(snapshot);
        next.Apply(Answer(9, Allow("admin")), BlockingQueryTransition.First, isConfirmed: false);

        Assert.Equal((2, 1), (next.InForce.Count, next.Orphans));
    }

    [Fact]
    public void OfAPeer_IsAnotherOneThanOurs()
    {
        Apply(10, BlockingQueryTransition.First, Deny("web"), Allow("web") with { SourcePeer = "cloud" });

        Assert.Equal(2, _belief.InForce.Count);
    }

    private static Intention Deny(string source) =>
        new() { SourceName = source, DestinationName = "orders", Action = IntentionAction.Deny, ModifyIndex = 5 };

    private static Intention Allow(string source) => Deny(source) with { Action = IntentionAction.Allow };

    private static ConsulResponse<Intention[]> Answer(ulong index, params Intention[] intentions) =>
        new(intentions, index, true, TimeSpan.Zero, null, false);

    private bool Apply(ulong index, BlockingQueryTransition transition, params Intention[] intentions) =>
        _belief.Apply(Answer(index, intentions), transition, isConfirmed: false);

    private string[] InForce() => [.. _belief.InForce.Select(i => i.SourceName).Order(StringComparer.Ordinal)];
}
