using System.Globalization;
using Mesh.Scenarios.Tests.Support;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Policies;

/// <summary>
/// An operator edits Consul KV while two versions of the shop's inventory serve: what the callees themselves counted,
/// and what the desk shows.
/// </summary>
public sealed class OperatorTests(ITestOutputHelper output)
{
    private const string Refused = """
        {
          "schema": 1,
          "timeuot": { "total": "1s" },
          "retry": { "maxAttempts": 9 },
          "subsets": { "v1": { "meta": { "version": "1" } } },
          "routes": [ { "name": "all", "split": { "v1": "50%", "v3": "60%" } } ]
        }
        """;

    /// <summary>A document acts within a second; the rest is for a machine that does much else besides.</summary>
    private static readonly TimeSpan Moment = TimeSpan.FromSeconds(3);

    [Fact]
    public Task Splits_PutInKv_ShowInTheCalleesOwnCountersAndARefusedOneChangesNothing() =>
        Scenario.RunAsync(output, async s =>
        {
            var stage = await Stage.StartAsync(s);
            using var desk = stage.Desk;
            foreach (var share in (int[])[0, 100, 50])
            {
                await s.Operator.PutPolicyAsync("inventory", Splits.Between(v1: 100 - share, v2: share));
                var put = stage.Load.Now;
                var acts = await stage.SettleAsync(share, put);
                s.Figure($"split{share}ActsAfterSeconds", acts.TotalSeconds);
                Assert.True(acts < Moment, $"The split of {share} % acted {acts} after it was put.");
                Assert.InRange(await stage.ShareOfV2Async(400), share - 3, share + 3);
            }

            await desk.DocumentAsync("policy/services/inventory", "accepted");
            var hash = await desk.HashAsync();
            await s.Operator.PutPolicyAsync("inventory", Refused);
            var entry = await desk.DocumentAsync("policy/services/inventory", "refused");

            var paths = entry.GetProperty("problems").EnumerateArray()
                .Select(p => p.GetProperty("path").GetString()).ToArray();
            Assert.Contains("/timeuot", paths);
            Assert.Contains("/retry/maxAttempts", paths);
            Assert.Contains(paths, p => p!.StartsWith("/routes/0/split", StringComparison.Ordinal));
            Assert.InRange(await stage.ShareOfV2Async(300), 47, 53);
            Assert.Equal(hash, await desk.HashAsync());

            await stage.Load.StopAsync();
            Assert.True(stage.Load.Failed.Count == 0, stage.Load.Describe());
        });

    [Fact]
    public Task Switch_Bypass_ActsWithinAMomentAndIsVisible() => Scenario.RunAsync(output, async s =>
    {
        var stage = await Stage.StartAsync(s);
        using var desk = stage.Desk;
        await s.Operator.PutPolicyAsync("inventory", Splits.Between(v1: 0, v2: 100));
        await stage.SettleAsync(100, stage.Load.Now);

        await s.Operator.PutSwitchAsync("inventory", """{ "mode": "bypass", "by": "ana", "why": "rehearsal" }""");
        var put = stage.Load.Now;
        await Eventually.TrueAsync(
            () => stage.Load.Calls.Any(c => c.Start > put && Stage.IsV1(c)), "calls to v1 again");
        var acts = stage.Load.Calls.Where(c => c.Start > put && Stage.IsV1(c)).Min(c => c.Start) - put;

        s.Figure("bypassActsAfterSeconds", acts.TotalSeconds);
        Assert.True(acts < Moment, $"The switch acted {acts} after it was put.");
        var entry = await desk.DocumentAsync("switches/services/inventory", "accepted");
        Assert.Equal("rehearsal", entry.GetProperty("meta").GetProperty("why").GetString());
        var effective = await desk.GetAsync("/v1/policies/inventory?caller=caller");
        Assert.True(effective.GetProperty("switches").GetProperty("bypass").GetBoolean());
        await stage.Load.StopAsync();
        Assert.True(stage.Load.Failed.Count == 0, stage.Load.Describe());
    });

    /// <summary>Two versions, a desk, and a caller that is told by it.</summary>
    private sealed class Stage(ServiceProcess v1, ServiceProcess v2, DeskClient desk, Load load)
    {
        public DeskClient Desk { get; } = desk;

        public Load Load { get; } = load;

        public static async Task<Stage> StartAsync(Scenario s)
        {
            var desk = await s.StartProcessAsync(Scenario.Desk, "desk");
            var (v1, v2) = (await StartVersionAsync(s, "1"), await StartVersionAsync(s, "2"));
            var caller = await s.StartCallerAsync(o => o.ConfigServer = desk.Address.ToString());
            var load = s.StartLoad(caller, "http://inventory/products/tea", rate: 200);
            await load.AfterAsync(50);
            return new Stage(v1, v2, new DeskClient(desk.Address), load);
        }

        public static bool IsV1(LoadCall call) => call.Answer.Contains("\"version\":\"1\"", StringComparison.Ordinal);

        /// <summary>
        /// How long after it was put a split acted: when the last call began that it forbids, or, for shares between,
        /// the first that it allows.
        /// </summary>
        public async Task<TimeSpan> SettleAsync(int share, TimeSpan put)
        {
            if (share is not (0 or 100))
            {
                await Eventually.TrueAsync(() => Load.Calls.Any(c => c.Start > put && IsV1(c)), "calls to v1");
                return Load.Calls.Where(c => c.Start > put && IsV1(c)).Min(c => c.Start) - put;
            }

            // That nobody calls the other version for a moment proves nothing: it may just be the slower one.
            await Eventually.TrueAsync(
                () => Load.Now > put + TimeSpan.FromSeconds(1) && !LastCalls(100).Any(Forbidden),
                $"a split of {share} %");
            return Load.Calls.Where(Forbidden).Select(c => c.Start).Append(put).Max() - put;

            bool Forbidden(LoadCall call) => IsV1(call) == (share == 100);
        }

        /// <summary>Per cent, counted by the callees over so many calls.</summary>
        public async Task<double> ShareOfV2Async(int calls)
        {
            var before = (await CountAsync(v1), await CountAsync(v2));
            await Load.AfterAsync(calls);
            var (one, two) = (await CountAsync(v1) - before.Item1, await CountAsync(v2) - before.Item2);
            Assert.True(one + two >= calls * 0.95, $"The callees counted {one} + {two} of {calls} calls.");
            return 100.0 * two / (one + two);
        }

        private IEnumerable<LoadCall> LastCalls(int count) => Load.Calls.OrderBy(c => c.Start).TakeLast(count);

        private static Task<ServiceProcess> StartVersionAsync(Scenario s, string version) => s.StartProcessAsync(
            Scenario.Inventory, $"inventory-{version}", 0, ("Mesh__Service", "inventory"), ("Mesh__Version", version));

        private static async Task<long> CountAsync(ServiceProcess callee)
        {
            using var client = new HttpClient();
            var text = await client.GetStringAsync(new Uri(callee.Address, "/shop/requests"));
            return long.Parse(text, CultureInfo.InvariantCulture);
        }
    }
}
