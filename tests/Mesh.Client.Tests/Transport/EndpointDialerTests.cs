using System.Net;
using System.Net.Sockets;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Testing;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Client.Tests.Transport;

public sealed class EndpointDialerTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Connect_NobodyListens_IsRefused()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound but not listening: nobody else gets the port
        using var transport = new TransportUnderTest("127.0.0.1", ((IPEndPoint)reserved.LocalEndPoint!).Port);

        var failure = await transport.FailAsync();

        Assert.Equal(ConnectFailure.Refused, failure.Failure);
        Assert.StartsWith($"127.0.0.1:{transport.Target.Port}: ", failure.Message);
        Assert.IsType<SocketException>(failure.InnerException);
    }

    [Fact]
    public async Task Connect_NameThatDoesNotResolve_SaysSo()
    {
        using var transport = new TransportUnderTest("no-such-host.invalid", 80);

        Assert.Equal(ConnectFailure.Resolve, (await transport.FailAsync()).Failure);
    }

    [Fact]
    public async Task Connect_BroadcastAddress_IsUnreachable()
    {
        // No TCP connection can be made to a broadcast address; the kernel says so without sending anything.
        using var transport = new TransportUnderTest("255.255.255.255", 80);

        Assert.Equal(ConnectFailure.Unreachable, (await transport.FailAsync()).Failure);
    }

    [Fact]
    public async Task Connect_ListenerWhoseQueueIsFull_EndsAtTheDeadlineOfThePolicy()
    {
        using var silent = new FullListener();
        var time = new ManualTimeProvider();
        using var transport = new TransportUnderTest("127.0.0.1", silent.Port, time)
        {
            Deadlines = new(TimeSpan.FromMilliseconds(700), TimeSpan.FromSeconds(5)),
        };

        var failing = transport.FailAsync();
        await time.WhenArmedAsync().WaitAsync(Patience);
        time.Advance(TimeSpan.FromMilliseconds(699));
        Assert.False(failing.IsCompleted);
        time.Advance(TimeSpan.FromMilliseconds(1));
        var failure = await failing.WaitAsync(Patience);

        Assert.Equal(ConnectFailure.Timeout, failure.Failure);
        Assert.Contains("no connection within 700 ms", failure.Message);
    }

    [Fact]
    public async Task Connect_WithTimeoutsSwitchedOff_HasNoDeadline()
    {
        using var silent = new FullListener();
        var time = new ManualTimeProvider();
        using var transport = new TransportUnderTest("127.0.0.1", silent.Port, time)
        {
            Deadlines = new(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan),
        };
        using var caller = new CancellationTokenSource();

        var sending = transport.SendAsync("http://orders/", cancellationToken: caller.Token);
        Assert.Equal(0, time.ArmedTimers);
        time.Advance(TimeSpan.FromDays(1));
        Assert.False(sending.IsCompleted);
        await caller.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sending.WaitAsync(Patience));
    }

    [Fact]
    public async Task Handshake_PeerThatNeverAnswers_EndsAtTheDeadlineOfThePolicy()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var time = new ManualTimeProvider();
        using var transport = new TransportUnderTest("127.0.0.1", ((IPEndPoint)listener.LocalEndpoint).Port, time)
        {
            Deadlines = new(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5)),
        };

        var failing = transport.FailAsync("https://orders/");
        using var accepted = await listener.AcceptTcpClientAsync().WaitAsync(Patience);
        Assert.NotEqual(0, await accepted.GetStream().ReadAsync(new byte[1])); // the handshake has begun
        await time.WhenArmedAsync().WaitAsync(Patience);
        time.Advance(TimeSpan.FromSeconds(5));
        var failure = await failing.WaitAsync(Patience);

        Assert.Equal(ConnectFailure.Timeout, failure.Failure);
        Assert.Contains("no TLS handshake within 5000 ms", failure.Message);
    }

    [Fact]
    public async Task Handshake_PeerThatSpeaksPlaintext_FailsAsHandshake()
    {
        await using var backend = await HttpBackend.StartAsync();
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);

        Assert.Equal(ConnectFailure.Handshake, (await transport.FailAsync("https://orders/")).Failure);
        Assert.Equal(0, backend.RequestCount);
    }

    [Fact]
    public async Task Handshake_CertificateOfAnotherName_IsRefused()
    {
        using var authority = new WebAuthority();
        using var certificate = authority.Issue("pricing");
        await using var backend = await HttpBackend.StartAsync(new HttpBackendOptions { Certificate = certificate });
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port, trust: authority.Trust);

        Assert.Equal(ConnectFailure.Handshake, (await transport.FailAsync("https://orders/")).Failure);
        Assert.Equal(0, backend.RequestCount);
    }

    [Fact]
    public async Task Handshake_WithoutOwnTrust_UsesTheMachinesRoots()
    {
        using var authority = new WebAuthority();
        using var certificate = authority.Issue("orders");
        await using var backend = await HttpBackend.StartAsync(new HttpBackendOptions { Certificate = certificate });
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port);

        Assert.Equal(ConnectFailure.Handshake, (await transport.FailAsync("https://orders/")).Failure);
    }

    [Theory]
    [InlineData("1.1", "HTTP/1.1")]
    [InlineData("2.0", "HTTP/2")]
    public async Task Handshake_WithTheLogicalName_IsTrusted(string version, string protocol)
    {
        using var authority = new WebAuthority();
        using var certificate = authority.Issue("orders");
        await using var backend = await HttpBackend.StartAsync(
            new HttpBackendOptions { Certificate = certificate, Protocols = HttpProtocols.Http1AndHttp2 });
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port, trust: authority.Trust);

        using var response = await transport.SendAsync("https://orders/a", Version.Parse(version));

        var request = Assert.Single(backend.Requests);
        Assert.Equal(("https", "orders", protocol), (request.Scheme, request.Host, request.Protocol));
    }

    [Fact]
    public async Task Handshake_WithAHostHeader_ChecksThatName()
    {
        using var authority = new WebAuthority();
        using var certificate = authority.Issue("tenant.example");
        await using var backend = await HttpBackend.StartAsync(new HttpBackendOptions { Certificate = certificate });
        using var transport = new TransportUnderTest("127.0.0.1", backend.Port, trust: authority.Trust);
        var request = TransportUnderTest.Request("https://orders/");
        request.Headers.Host = "tenant.example:8443";

        using var response = await transport.Transport.SendAsync(request, ClientProfile.Default, default);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Fact]
    public async Task Connect_OnBehalfOfACall_KeepsNothingOfItsContext()
    {
        using var silent = new FullListener();
        var ambient = new AsyncLocal<string>();
        var seen = "nothing yet";
        using var transport = new TransportUnderTest(
            "127.0.0.1", silent.Port, new ObservingTimeProvider(() => seen = ambient.Value))
        {
            Deadlines = new(TimeSpan.FromMilliseconds(1), TimeSpan.FromSeconds(5)),
        };
        ambient.Value = "of the call";

        await transport.FailAsync().WaitAsync(Patience);

        Assert.Null(seen);
    }

    /// <summary>Tells in which execution context a deadline fires.</summary>
    private sealed class ObservingTimeProvider(Action observe) : TimeProvider
    {
        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            base.CreateTimer(
                s =>
                {
                    observe();
                    callback(s);
                },
                state,
                dueTime,
                period);
    }
}
