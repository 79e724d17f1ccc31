namespace Mesh.Policy.Tests;

public sealed class SwitchResolverTests
{
    private static readonly DateTimeOffset Now = new(2026, 11, 20, 18, 0, 0, TimeSpan.Zero);

    [Fact]
    public void NoDocuments_Resolved_LeaveEverythingOn() =>
        Assert.Equal(SwitchState.None, SwitchResolver.Resolve("orders", "web", [], Now));

    [Fact]
    public void GlobalServiceAndCaller_Resolved_AddUp()
    {
        var state = SwitchResolver.Resolve(
            "orders",
            "web",
            [
                new(PolicyKey.GlobalSwitches, new SwitchDocument { Off = Mechanisms.Retry }),
                new(PolicyKey.SwitchesTo("orders"), new SwitchDocument { Off = Mechanisms.Eject }),
                new(PolicyKey.SwitchesOf("web"), new SwitchDocument { Off = Mechanisms.Routes }),
            ],
            Now);

        Assert.Equal(new SwitchState(false, Mechanisms.Retry | Mechanisms.Eject | Mechanisms.Routes), state);
        Assert.True(state.IsOff(Mechanisms.Eject));
        Assert.False(state.IsOff(Mechanisms.Timeouts));
    }

    [Fact]
    public void OtherServicesAndCallers_Resolved_AreSkipped()
    {
        var all = new SwitchDocument { Bypass = true, Off = Mechanisms.Retry };

        var state = SwitchResolver.Resolve(
            "orders",
            "web",
            [
                new(PolicyKey.SwitchesTo("web"), all),
                new(PolicyKey.SwitchesOf("orders"), all),
                new(PolicyKey.SwitchesTo("payments"), all),
                new(PolicyKey.TrafficTo("orders"), all),
            ],
            Now);

        Assert.Equal(SwitchState.None, state);
    }

    [Fact]
    public void CallerWithoutName_Resolved_GetsNoCallersSwitches()
    {
        var state = SwitchResolver.Resolve(
            "orders", null, [new(PolicyKey.SwitchesOf("web"), new SwitchDocument { Bypass = true })], Now);

        Assert.False(state.Bypass);
    }

    [Fact]
    public void Bypass_Resolved_TurnsEveryMechanismOff()
    {
        var state = SwitchResolver.Resolve(
            "orders", "web", [new(PolicyKey.SwitchesTo("orders"), new SwitchDocument { Bypass = true })], Now);

        Assert.All(Enum.GetValues<Mechanisms>().Where(m => m != Mechanisms.None), m => Assert.True(state.IsOff(m)));
    }

    [Theory]
    [InlineData(-1, false)]
    [InlineData(0, false)]
    [InlineData(1, true)]
    public void Until_Resolved_EndsAtThatInstant(int ticks, bool isBypassed)
    {
        var document = new SwitchDocument { Bypass = true, Until = Now.AddTicks(ticks) };

        Assert.Equal(isBypassed, SwitchResolver.Resolve("orders", "web", [new(PolicyKey.GlobalSwitches, document)], Now).Bypass);
    }

    [Fact]
    public void NextExpiry_OfSeveral_IsTheFirstStillAhead()
    {
        KeyValuePair<PolicyKey, SwitchDocument>[] documents =
        [
            new(PolicyKey.GlobalSwitches, new SwitchDocument { Until = Now }),
            new(PolicyKey.SwitchesTo("a"), new SwitchDocument { Until = Now.AddMinutes(2) }),
            new(PolicyKey.SwitchesTo("b"), new SwitchDocument { Until = Now.AddMinutes(1) }),
            new(PolicyKey.SwitchesTo("c"), new SwitchDocument()),
        ];

        Assert.Equal(Now.AddMinutes(1), SwitchResolver.NextExpiry(documents, Now));
        Assert.Null(SwitchResolver.NextExpiry(documents, Now.AddMinutes(2)));
    }
}
