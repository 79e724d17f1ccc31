using Mesh.AspNetCore.Limits;
using Mesh.Client;
using Mesh.Policy;
using Mesh.Testing;

namespace Mesh.AspNetCore.Tests.Limits;

/// <summary>The limit in front of a simulated service, on a clock of its own: every run is the same.</summary>
public sealed class ConcurrencyGateTests
{
    [Theory]
    [InlineData(5)]
    [InlineData(20)]
    public void LastingOverload_LimitSettles_AndDoesNotDriftUp(double work)
    {
        var service = new SimulatedService { Work = work, Overload = 3 };
        service.Run(TimeSpan.FromSeconds(30));
        var settled = service.Gate.Limit;

        service.Forget().Run(TimeSpan.FromMinutes(4));

        // What the processors can do gets done, and what waits is a few times what works.
        var capacity = 240_000 * service.Processors / work;
        Assert.InRange(service.Done, 0.97 * capacity, 1.03 * capacity);
        Assert.InRange(service.Gate.Limit, 20, Math.Max(60, settled * 1.3));
        Assert.InRange(service.Latencies.Max(), 0, work * 60 / service.Processors);
    }

    [Fact]
    public void ColdStartUnderOverload_DoesNotTakeItForNormal()
    {
        // The first requests take twenty times as long: code is compiled, pools are filled.
        var service = new SimulatedService { Work = 100, Load = 0.6 };
        service.Run(TimeSpan.FromSeconds(1));
        service.Work = 5;
        service.Overload = 3;

        service.Run(TimeSpan.FromSeconds(20)).Forget().Run(TimeSpan.FromSeconds(10));

        Assert.InRange(service.Done, 0.97 * 4000, 1.03 * 4000);
        Assert.InRange(service.Latencies.Max(), 0, 150);
    }

    [Fact]
    public void OverloadAfterOverload_DoesNotDriftUp()
    {
        // Needs 29 at a time in good hours.
        var service = new SimulatedService { Processors = 32, Work = 50 };
        for (var hour = 0; hour < 20; hour++)
        {
            service.Overload = 0.9;
            service.Run(TimeSpan.FromSeconds(15)).Forget();
            service.Run(TimeSpan.FromSeconds(5));
            Assert.Equal(0, service.Refused);
            service.Overload = 1 + (hour % 4);
            service.Run(TimeSpan.FromSeconds(15)).Forget();
            service.Run(TimeSpan.FromSeconds(5));

            Assert.InRange(service.Done, 0.95 * 5000 * 32 / 50, 1.05 * 5000 * 32 / 50);
            Assert.InRange(service.Latencies.Max(), 0, 4 * 50);
            Assert.InRange(service.Gate.Limit, 20, 110);
        }
    }

    [Fact]
    public void ServiceThatWaitsMuch_GetsTheRoomItNeeds_SoonAfterItsStart()
    {
        // 2 requests a millisecond for 200 ms each: 400 at a time.
        var service = new SimulatedService { Load = 2, Waits = 200, Work = 0.1 };

        service.Run(TimeSpan.FromSeconds(5)).Forget().Run(TimeSpan.FromSeconds(20));

        Assert.Equal(0, service.Refused);
        Assert.InRange(service.Gate.Limit, 400, 1000);
    }

    [Fact]
    public void AfterACollapse_ItRecovers()
    {
        var service = new SimulatedService { Load = 1, Waits = 100, Work = 0.1 };
        service.Run(TimeSpan.FromSeconds(10)).Forget();
        service.Waits = 2000;
        service.Run(TimeSpan.FromSeconds(10));
        Assert.True(service.Refused > 0);
        service.Waits = 100;

        service.Run(TimeSpan.FromSeconds(20)).Forget().Run(TimeSpan.FromSeconds(10));

        Assert.Equal(0, service.Refused);
    }

    [Fact]
    public void DependencyThatStaysSlower_IsTheNewNormal()
    {
        var service = new SimulatedService { Load = 0.5, Waits = 50, Work = 0.1 };
        service.Run(TimeSpan.FromSeconds(10));
        service.Waits = 400;

        service.Run(TimeSpan.FromSeconds(60)).Forget().Run(TimeSpan.FromSeconds(10));

        Assert.Equal(0, service.Refused);
    }

    [Fact]
    public void LittleLoad_NothingIsRefused_AndTheLimitStaysWhereItIs()
    {
        var service = new SimulatedService { Overload = 0.5 };

        service.Run(TimeSpan.FromMinutes(1));

        Assert.Equal(0, service.Refused);
        Assert.Equal(20, service.Gate.Limit);
    }

    [Fact]
    public void Overload_WhatMattersLeast_IsShedFirst()
    {
        var service = new SimulatedService
        {
            Overload = 2,
            Criticality = static n => MeshCriticality.Sheddable + (n % 4),
        };

        service.Run(TimeSpan.FromSeconds(30)).Forget().Run(TimeSpan.FromSeconds(60));

        // Half of all can be served: the two upper levels are just that.
        double Share(MeshCriticality level) =>
            (double)service.Counts[level].Refused / (service.Counts[level].Admitted + service.Counts[level].Refused);
        Assert.InRange(Share(MeshCriticality.CriticalPlus), 0, 0.001);
        Assert.InRange(Share(MeshCriticality.Critical), 0, 0.2);
        Assert.InRange(Share(MeshCriticality.SheddablePlus), 0.6, 1);
        Assert.InRange(Share(MeshCriticality.Sheddable), 0.95, 1);
    }

    [Fact]
    public void OnlySheddableCalls_HaveTheServiceForThemselves()
    {
        var service = new SimulatedService { Overload = 1.5, Criticality = static _ => MeshCriticality.Sheddable };

        service.Run(TimeSpan.FromSeconds(20)).Forget().Run(TimeSpan.FromSeconds(60));

        Assert.InRange(service.Done, 0.97 * 60_000 * 2 / 5, 1.03 * 60_000 * 2 / 5);
    }

    [Fact]
    public void WorkThatWaitsForThreads_CutsTheLimit_WhateverLatencySays()
    {
        var service = new SimulatedService { Load = 2, Waits = 100, Work = 0.1 };
        service.Run(TimeSpan.FromSeconds(5));
        var before = service.Gate.Limit;
        service.Queue.Current = GradientLimit.LongQueue;

        var measured = service.Queue.Measured;
        service.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(10, service.Queue.Measured - measured);
        Assert.InRange(service.Gate.Limit, 20, before / 2);
        service.Run(TimeSpan.FromSeconds(4));
        Assert.Equal(20, service.Gate.Limit);

        service.Queue.Current = TimeSpan.Zero;
        service.Run(TimeSpan.FromSeconds(10)).Forget().Run(TimeSpan.FromSeconds(5));
        Assert.Equal(0, service.Refused);
    }

    [Fact]
    public void RequestsThatNeverAnswer_GiveTheirPlacesBack_Once()
    {
        var (time, gate) = Gate(new InboundConcurrency { Adaptive = false, Max = 2 });
        var first = gate.TryEnter(MeshCriticality.Critical, isTimed: true)!;
        var second = gate.TryEnter(MeshCriticality.Critical, isTimed: true)!;
        Assert.Null(gate.TryEnter(MeshCriticality.Critical, isTimed: true));

        for (var i = 0; i < 120; i++)
        {
            time.Advance(ConcurrencyGate.Period);
            gate.Tick();
        }

        Assert.Equal(0, gate.InFlight);
        var third = gate.TryEnter(MeshCriticality.Critical, isTimed: true)!;
        first.End(200);
        second.End(200);
        Assert.Equal(1, gate.InFlight);
        third.End(200);
        third.End(200);
        Assert.Equal(0, gate.InFlight);
    }

    [Fact]
    public void FixedLimit_IsTheLimit_AndFollowsThePolicy()
    {
        var (_, gate) = Gate(new InboundConcurrency { Adaptive = false, Max = 8 });
        Assert.Equal(8, gate.Limit);
        Assert.Equal(
            [4, 6, 8, 10], Enum.GetValues<MeshCriticality>().Order().Select(c => ConcurrencyGate.ShareOf(8, c)));

        gate.Apply(new InboundConcurrency { Adaptive = false, Max = 80 });
        gate.Tick();

        Assert.Equal(80, gate.Limit);
    }

    [Fact]
    public void ManyAtOnce_NeverMoreThanTheLimit()
    {
        var (_, gate) = Gate(new InboundConcurrency { Adaptive = false, Max = 5 });
        var most = 0;

        Parallel.For(0, 4, _ =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                if (gate.TryEnter(MeshCriticality.Critical, isTimed: true) is { } admission)
                {
                    var now = gate.InFlight;
                    if (now > Volatile.Read(ref most))
                    {
                        Volatile.Write(ref most, now);
                    }

                    admission.End(200);
                }
            }
        });

        Assert.InRange(most, 1, 5);
        Assert.Equal(0, gate.InFlight);
    }

    private static (ManualTimeProvider Time, ConcurrencyGate Gate) Gate(InboundConcurrency rule)
    {
        var time = new ManualTimeProvider();
        return (time, new ConcurrencyGate(rule, time, new SimulatedService.FakeQueue()));
    }
}
