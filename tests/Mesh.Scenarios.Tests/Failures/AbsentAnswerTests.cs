using Mesh.Client;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Failures;

/// <summary>Consul answers, but what it does not say is no answer.</summary>
public sealed class AbsentAnswerTests(ITestOutputHelper output)
{
    [Fact]
    public Task Consul_FailsEveryRead_CallsGoOnAndLaterInstancesAreSeen() => Scenario.RunAsync(output, async s =>
    {
        await using var proxy = await ConsulProxy.StartAsync(s.Consul);
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port);
        await s.Operator.PutRoundRobinAsync("orders");
        var caller = await s.StartCallerAsync(o => o.Consul.Address = proxy.Address);
        var load = s.StartLoad(caller, "http://orders/");
        await caller.GovernedAsync();
        await load.AfterAsync(100);

        proxy.Fail(StatusCodes.Status500InternalServerError);
        await s.Operator.RegisterAsync("orders", "b", b.Port);
        await Eventually.TrueAsync(
            () => caller.Count(MeshTelemetry.DiscoveryUpdates, "failed") > 1, "the failures to be counted");
        await load.AfterAsync(200);
        Assert.Equal(0, load.Answered("b"));
        proxy.Pass();
        await Eventually.TrueAsync(() => load.Answered("b") > 10, "the instance registered meanwhile to be used");
        await load.StopAsync();

        Assert.True(load.Failed.Count == 0, load.Describe());
    });

    /// <summary>As Consul from 1.11 on answers a token that may see no more: recorded, since 1.8.7 has no such header.</summary>
    [Fact]
    public Task Consul_SaysItFiltered_WhatItLeftOutStaysInUse() => Scenario.RunAsync(output, async s =>
    {
        await using var proxy = await ConsulProxy.StartAsync(s.Consul);
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await s.Operator.RegisterAsync("orders", "a", a.Port);
        await s.Operator.RegisterAsync("orders", "b", b.Port);
        await s.Operator.PutRoundRobinAsync("orders");
        var caller = await s.StartCallerAsync(o =>
        {
            o.Consul.Address = proxy.Address;
            o.Discovery.SuspectWindow = TimeSpan.FromSeconds(1);
        });
        var load = s.StartLoad(caller, "http://orders/");
        await load.AfterAsync(100);

        proxy.Play(FilterAsync);
        await s.Operator.RegisterAsync("orders", "c", b.Port, version: "2");
        await Eventually.TrueAsync(
            () => caller.Count(MeshTelemetry.DiscoveryUpdates, "acl") > 2, "two confirming reads to be filtered");
        var settled = load.Now;
        await load.AfterAsync(200);
        Assert.True(load.Answered("a", settled) > 20 && load.Answered("b", settled) > 20, "One was left unused.");
        Assert.Contains(
            """service "orders" { policy = "read" }""", (await caller.ReadinessAsync()).Description, StringComparison.Ordinal);

        proxy.Pass();
        await load.AfterAsync(50);
        await load.StopAsync();
        Assert.True(load.Failed.Count == 0, load.Describe());

        static async Task<bool> FilterAsync(HttpContext context)
        {
            var path = context.Request.Path.Value!;
            if (path.Contains("/internal/", StringComparison.Ordinal))
            {
                context.Response.StatusCode = StatusCodes.Status404NotFound;
                return true;
            }

            if (!path.EndsWith("/health/service/orders", StringComparison.Ordinal))
            {
                return false;
            }

            // A blocked read is answered at once and then again: a pause stands for Consul's own.
            await Task.Delay(50);
            context.Response.Headers["X-Consul-Index"] = "1000000";
            context.Response.Headers["X-Consul-KnownLeader"] = "true";
            context.Response.Headers["X-Consul-Results-Filtered-By-ACLs"] = "true";
            await context.Response.WriteAsync("[]");
            return true;
        }
    });

    [Fact]
    public Task Consul_ListsTwoOfSix_TheOthersAreKeptAndTheLoadGoesOn() => Scenario.RunAsync(output, async s =>
    {
        var backends = new List<HttpBackend>();
        foreach (var id in Enumerable.Range(0, 6))
        {
            backends.Add(await s.StartBackendAsync($"o{id}"));
            await s.Operator.RegisterAsync("orders", $"o{id}", backends[id].Port);
        }

        await using var proxy = await ConsulProxy.StartAsync(s.Consul);
        var caller = await s.StartCallerAsync(o =>
        {
            o.Consul.Address = proxy.Address;
            o.Discovery.SuspectWindow = TimeSpan.FromSeconds(3);
        });
        var load = s.StartLoad(caller, "http://orders/");
        await load.AfterAsync(100);

        // One event with all four: an agent that lost its data and got some of it back.
        proxy.Fail(StatusCodes.Status500InternalServerError);
        foreach (var id in Enumerable.Range(2, 4))
        {
            await s.Operator.DeregisterAsync($"o{id}");
        }

        proxy.Pass();
        await Eventually.TrueAsync(() => caller.Endpoints("suspect") == 4, "four suspects");
        Assert.True(caller.Count(MeshTelemetry.DiscoveryUpdates, "shrunk") > 0, "Nothing was doubted.");
        await load.AfterAsync(100);
        await Eventually.TrueAsync(() => caller.Endpoints("suspect") == 0, "a consistent read to end the doubt");
        await load.AfterAsync(50);
        await load.StopAsync();

        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.Equal(2, caller.Endpoints("ready"));
    });

    [Fact]
    public Task Consul_RestartsWithoutItsData_PolicyAndEndpointsOutliveTheirAbsence() => Scenario.RunAsync(output, async s =>
    {
        var (a, b) = (await s.StartBackendAsync("a"), await s.StartBackendAsync("b"));
        await RegisterAsync();
        await s.Operator.PutPolicyAsync("orders", Splits.Between(v1: 100, v2: 0));
        var caller = await s.StartCallerAsync();
        var load = s.StartLoad(caller, "http://orders/");
        await caller.GovernedAsync();
        await load.AfterAsync(100);

        var lost = load.Now;
        await s.Consul.KillAsync();
        await s.Consul.RestartAsync();
        await Eventually.TrueAsync(() => caller.Endpoints("suspect") == 2, "the lower index to be noticed");
        await load.AfterAsync(200);
        await RegisterAsync();
        await Eventually.TrueAsync(() => caller.Endpoints("suspect") == 0, "the endpoints to be known again");
        await Eventually.TrueAsync(
            () => caller.Count(MeshTelemetry.PolicyUpdates, "orphaned") > 0, "the missing policy to be noticed");
        await load.AfterAsync(100);
        await load.StopAsync();

        Assert.True(load.Failed.Count == 0, load.Describe());
        Assert.True(load.Calls.Count(c => c.Start > lost) > 200, "Too few calls were made meanwhile.");
        Assert.DoesNotContain(load.Calls, c => c.Start > lost && c.Answer == "b");

        async Task RegisterAsync()
        {
            await s.Operator.RegisterAsync("orders", "a", a.Port, version: "1");
            await s.Operator.RegisterAsync("orders", "b", b.Port, version: "2");
        }
    });
}
