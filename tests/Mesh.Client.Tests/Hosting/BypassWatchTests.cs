using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.Client.Discovery;
using Mesh.Client.Hosting;
using Mesh.Client.Tests.Support;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Hosting;

/// <summary>
/// Calls that go past the mesh. Names are the tests' own, so that tests beside them, which count too, mean others.
/// Where nobody dials, a name that does not resolve is called: the call counts before it fails.
/// </summary>
public sealed class BypassWatchTests : IDisposable
{
    private const int Warning = 6020;

    private readonly LogCollector _log = new();
    private readonly ConcurrentDictionary<string, long> _counted = new(StringComparer.Ordinal);
    private readonly List<IDisposable> _owned = [];

    public void Dispose() => _owned.ForEach(o => o.Dispose());

    [Fact]
    public async Task NewHttpClient_ToADeclaredService_IsCounted_AndWarnedOfOnce()
    {
        Start(options => options.Upstreams["bypassed-one"] = new MeshUpstreamOptions { Endpoints = { "127.0.0.1:1" } });

        await CallAsync(new HttpClient(), "http://bypassed-one/", times: 3);
        await CallAsync(new HttpClient(new SocketsHttpHandler { UseProxy = false }), "http://BYPASSED-ONE.mesh/");
        await Eventually.TrueAsync(() => Counted("bypassed-one") == 4, "four calls to be counted");

        // It is said after it is counted.
        await Eventually.TrueAsync(() => _log.Of(Warning).Length > 0, "a warning");
        Assert.Contains("bypassed-one", Assert.Single(_log.Of(Warning)));
    }

    [Fact]
    public async Task NewHttpClient_ToAServiceOnlyConsulKnows_IsCounted()
    {
        await using var agent = await ConsulAgent.StartAsync();
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString() });
        await consul.RegisterServiceAsync(
            new ServiceRegistration { Id = "1", Name = "bypassed-two", Address = "127.0.0.1", Port = 1 }, default);
        Start(options =>
        {
            options.Discovery.UseConsul = true;
            options.Consul.Address = agent.Address.ToString();
        });

        await CallAsync(new HttpClient(), "http://bypassed-nobody/");
        await CallAsync(new HttpClient(), "http://bypassed-two/", times: 2);
        await Eventually.TrueAsync(() => Counted("bypassed-two") == 2, "two calls to be counted");

        Assert.Equal(0, Counted("bypassed-nobody"));
        // It is said after it is counted.
        await Eventually.TrueAsync(() => _log.Of(Warning).Length > 0, "a warning");
        Assert.Contains("bypassed-two", Assert.Single(_log.Of(Warning)));
    }

    [Theory]
    [InlineData("meshed", null)]
    [InlineData("left alone", null)]
    [InlineData("by hand", null)]
    [InlineData("plain", "http://bypassed-three:8080/")]
    [InlineData("plain", "http://bypassed-three.example/")]
    [InlineData("plain", "http://127.0.0.1:1/")]
    [InlineData("plain", "http://[::1]:1/")]
    [InlineData("unlisted", null)]
    [InlineData("off", null)]
    [InlineData("nobody's", "http://bypassed-unknown/")]
    public async Task OtherCalls_AreNotCounted(string client, string? url)
    {
        await using var backend = await HttpBackend.StartAsync();
        using var provider = Start(
            options =>
            {
                options.CountBypassed = client != "off";
                options.Adopt = client == "unlisted" ? MeshAdoption.Listed : MeshAdoption.All;
                options.Upstreams[client == "unlisted" ? "bypassed-other" : "bypassed-three"] =
                    new MeshUpstreamOptions { Endpoints = { $"127.0.0.1:{backend.Port}" } };
                options.Upstreams["bypassed-last"] = new MeshUpstreamOptions { Endpoints = { "127.0.0.1:1" } };
            },
            services =>
            {
                services.AddHttpClient("left alone").RemoveMesh();
                services.AddHttpClient("left alone, own handler").RemoveMesh()
                    .ConfigurePrimaryHttpMessageHandler(() => new SocketsHttpHandler { UseProxy = false });
            });
        var factory = provider.GetRequiredService<IHttpClientFactory>();
        var callers = client switch
        {
            "meshed" => [factory.CreateClient("any")],
            "left alone" => [factory.CreateClient("left alone"), factory.CreateClient("left alone, own handler")],
            "by hand" => [new HttpClient(provider.GetRequiredService<IMeshHandlerFactory>().CreateHandler())],
            _ => new[] { new HttpClient() },
        };

        foreach (var caller in callers)
        {
            await CallAsync(caller, url ?? "http://bypassed-three/");
        }

        if (client != "off")
        {
            // What is counted later was looked at later.
            await CallAsync(new HttpClient(), "http://bypassed-last/");
            await Eventually.TrueAsync(() => Counted("bypassed-last") == 1, "the last call to be counted");
        }

        Assert.Equal(0, Counted("bypassed-three") + Counted("bypassed-unknown"));
        Assert.DoesNotContain(_log.Of(Warning), text => !text.Contains("bypassed-last", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Tracing_OfTheApplication_SeesOneSpanACall_AsWithoutTheWatch()
    {
        Start(options => options.Upstreams["bypassed-four"] = new MeshUpstreamOptions { Endpoints = { "127.0.0.1:1" } });
        await using var backend = await HttpBackend.StartAsync();
        var spans = new ConcurrentQueue<Activity>();
        var mine = new AsyncLocal<bool> { Value = true };
        using var listener = new ActivityListener
        {
            // Calls of tests beside this one go untraced, as they expect to.
            ShouldListenTo = source => source.Name is "System.Net.Http" or MeshTelemetry.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) =>
                mine.Value ? ActivitySamplingResult.AllData : ActivitySamplingResult.None,
            ActivityStopped = spans.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var client = new HttpClient();

        using var response = await client.GetAsync(backend.Address);

        // What others sample for themselves is heard here, too, but is not to this port.
        var span = Assert.Single(spans, s => Equals(s.GetTagItem("server.port"), backend.Port));
        Assert.Equal("System.Net.Http", span.Source.Name);
        Assert.Null(Activity.Current);
    }

    [Fact]
    public async Task Names_AreBounded()
    {
        using var provider = Start(options =>
        {
            for (var i = 0; i < BypassWatch.MaxNames + 20; i++)
            {
                options.Upstreams[$"bypassed-many-{i}"] = new MeshUpstreamOptions { Endpoints = { "127.0.0.1:1" } };
            }
        });
        using var handler = new SocketsHttpHandler { ConnectCallback = (_, _) => throw new IOException() };
        for (var i = 0; i < BypassWatch.MaxNames + 20; i++)
        {
            await CallAsync(new HttpClient(handler, disposeHandler: false), $"http://bypassed-many-{i}/");
        }

        await Eventually.TrueAsync(() => _log.Of(Warning).Length == BypassWatch.MaxNames, "a warning for each name");
        Assert.Equal(BypassWatch.MaxNames, _counted.Count);
    }

    [Fact]
    public void Name_ThatWasUnknown_IsAskedForAgainLater_AndOnlyCallsSinceTheNoCount()
    {
        var time = new ManualTimeProvider();
        var service = new BypassedService("later", time);
        Assert.Equal(0, service.Called(out var first));
        Assert.Equal(0, service.Called(out var whileAsking));
        Assert.Equal(0, service.Answered(known: false));
        Assert.Equal(0, service.Called(out var soon));
        time.Advance(BypassedService.AskAgain);
        Assert.Equal(0, service.Called(out var later));

        Assert.Equal(2, service.Answered(known: true));

        Assert.Equal((true, false, false, true), (first, whileAsking, soon, later));
        Assert.Equal(1, service.Called(out var known));
        Assert.False(known);
    }

    [Fact]
    public void Name_NobodyCouldTellOf_IsAskedForAgainLater_AndItsCallsAreNotLost()
    {
        var time = new ManualTimeProvider();
        var service = new BypassedService("later", time);
        Assert.Equal(0, service.Called(out _));
        Assert.Equal(0, service.Answered(known: null));
        Assert.Equal(0, service.Called(out var soon));
        time.Advance(BypassedService.AskAgain);
        Assert.Equal(0, service.Called(out var later));

        Assert.Equal(3, service.Answered(known: true));

        Assert.Equal((false, true), (soon, later));
    }

    [Fact]
    public async Task CallsWhileConsulIsAway_CountWhenItAnswers()
    {
        await using var agent = await ConsulAgent.StartAsync();
        var time = new ManualTimeProvider();
        Start(
            options =>
            {
                options.Discovery.UseConsul = true;
                options.Consul.Address = agent.Address.ToString();
            },
            services => services.AddSingleton<TimeProvider>(time));
        await agent.StopAsync();
        await CallAsync(new HttpClient(), "http://bypassed-away/", times: 3);
        await agent.RestartAsync();
        using var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString() });
        await consul.RegisterServiceAsync(
            new ServiceRegistration { Id = "1", Name = "bypassed-away", Address = "127.0.0.1", Port = 1 }, default);

        var calls = 3;
        for (; Counted("bypassed-away") == 0; calls++)
        {
            Assert.True(calls < 2_000, "Nobody asked Consul again.");
            time.Advance(BypassedService.AskAgain);
            await CallAsync(new HttpClient(), "http://bypassed-away/");
        }

        await Eventually.TrueAsync(() => Counted("bypassed-away") == calls, "all calls to be counted");
    }

    private static async Task CallAsync(HttpClient client, string url, int times = 1)
    {
        using (client)
        {
            for (var i = 0; i < times; i++)
            {
                try
                {
                    using var response = await client.GetAsync(url);
                }
                catch (HttpRequestException)
                {
                    // Nobody is there.
                }
            }
        }
    }

    private long Counted(string service) => _counted.GetValueOrDefault(service);

    private ServiceProvider Start(Action<MeshOptions> configure, Action<IServiceCollection>? add = null)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(_log));
        services.AddMesh(options =>
        {
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
            configure(options);
        });
        add?.Invoke(services);
        var provider = services.BuildServiceProvider();
        _owned.Add(provider);
        Listen(provider.GetRequiredService<IMeterFactory>());
        provider.GetRequiredService<IHttpClientFactory>().CreateClient();
        return provider;
    }

    private void Listen(IMeterFactory meters)
    {
        var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Name == MeshTelemetry.Bypassed && instrument.Meter.Scope == meters)
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
            _counted.AddOrUpdate((string)tags[0].Value!, value, (_, sum) => sum + value));
        listener.Start();
        _owned.Add(listener);
    }
}
