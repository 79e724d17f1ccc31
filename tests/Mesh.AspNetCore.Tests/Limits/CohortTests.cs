using Mesh.AspNetCore.Limits;

namespace Mesh.AspNetCore.Tests.Limits;

public sealed class CohortTests
{
    [Fact]
    public void Expire_GivesBackThosePresent_OnceEach()
    {
        var cohort = new Cohort();
        Assert.True(cohort.Enter());
        Assert.True(cohort.Enter());
        Assert.True(cohort.Leave());

        Assert.Equal(1, cohort.Expire());

        Assert.False(cohort.Leave());
    }

    [Fact]
    public void Enter_AfterItHasExpired_IsTurnedAway()
    {
        var cohort = new Cohort();
        cohort.Expire();

        Assert.False(cohort.Enter());
        Assert.False(cohort.Enter());
    }
}
