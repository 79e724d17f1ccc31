using System.Net;
using System.Net.Sockets;
using System.Text;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Tests.Telemetry;

/// <summary>
/// A card number, an e-mail address and a bearer token in everything an application and a service may put into a call, good
/// and failed in every way; then logs, spans, metrics, snapshot and exceptions are searched for them.
/// </summary>
public sealed class PrivacyTests
{
    private const string Private = PrivacyWatch.Secrets;

    [Fact]
    public async Task WhatCallsHold_IsInNothingTheMeshLetsOut()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await using var one = await HttpBackend.StartAsync();
        await using var two = await HttpBackend.StartAsync();
        using var malformed = MalformedServer();
        var folder = Directory.CreateTempSubdirectory("mesh-privacy-").FullName;
        using var watch = new PrivacyWatch();
        using (var consul = new ConsulClient(new ConsulClientOptions { Address = agent.Address.ToString() }))
        {
            await Register(consul, "orders", "one", one.Port);
            await Register(consul, "orders", "two", two.Port);
            await Register(consul, "malformed", "bad", ((IPEndPoint)malformed.LocalEndpoint).Port);
            await Register(consul, "gone", "gone", 1);
        }

        await using (var provider = Provider(agent, folder, watch))
        {
            using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient("c");
            await CallInAllWays(client, watch, one, two);
        }

        foreach (var file in Directory.EnumerateFiles(folder))
        {
            watch.Take("snapshot", await File.ReadAllTextAsync(file));
        }

        Directory.Delete(folder, recursive: true);
        Assert.All(
            ["snapshot", "metric ", "span Mesh.Client", "span System.Net.Http", "exception MeshException", "grpc"],
            where => Assert.True(watch.Count(where) > 0, $"nothing was looked at: {where}"));
        Assert.Contains(watch.Log.Entries, line => line.Category == "Mesh.Access" && line.Level == LogLevel.Warning);
        Assert.Contains(watch.Log.Entries, line => line.Category == "Mesh.Access" && line.Level == LogLevel.Information);
        watch.AssertSilent();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Paths_AreInSpansOnlyWhenAllowed(bool allowed)
    {
        await using var backend = await HttpBackend.StartAsync();
        var services = new ServiceCollection();
        services.AddMesh(options =>
        {
            options.Discovery.UseConsul = false;
            options.Snapshot.Enabled = false;
            options.Telemetry.Paths = allowed;
            options.Upstreams["paths"] = new MeshUpstreamOptions { Endpoints = { $"127.0.0.1:{backend.Port}" } };
        });
        await using var provider = services.BuildServiceProvider();
        using var watch = new PrivacyWatch();
        using var client = provider.GetRequiredService<IHttpClientFactory>().CreateClient();

        await client.GetStringAsync($"http://paths/cards/{PrivacyWatch.Card}");

        if (allowed)
        {
            Assert.Throws<Xunit.Sdk.EmptyException>(watch.AssertSilent);
        }
        else
        {
            Assert.True(watch.Count("span System.Net.Http") > 0);
            watch.AssertSilent();
        }
    }

    private static async Task CallInAllWays(HttpClient client, PrivacyWatch watch, HttpBackend one, HttpBackend two)
    {
        var answers = new[]
        {
            BackendAnswer.Status(200, Private, ("x-private", Private), ("set-cookie", $"card={PrivacyWatch.Card}")),
            BackendAnswer.Status(503, Private, ("x-private", Private)),
            BackendAnswer.Status(500, Private, ("x-private", Private)),
            BackendAnswer.Status(302, Private, ("location", $"/moved/{PrivacyWatch.Card}?mail={PrivacyWatch.Mail}")),
            BackendAnswer.Reset,
            BackendAnswer.CutMidBody,
            BackendAnswer.Hang,
        };
        foreach (var answer in answers)
        {
            one.Respond(answer);
            two.Respond(answer);
            foreach (var method in new[] { HttpMethod.Get, HttpMethod.Post, new HttpMethod(PrivacyWatch.Card) })
            {
                var request = Request(method, "orders");
                var patience = TimeSpan.FromMilliseconds(answer == BackendAnswer.Hang ? 50 : 5000);
                request.Options.Set(MeshRequestOptions.Deadline, patience);
                await Send(client, request, watch);
            }
        }

        foreach (var service in new[] { "malformed", "gone", "nobody" })
        {
            await Send(client, Request(HttpMethod.Get, service), watch);
            await Send(client, Request(HttpMethod.Post, service), watch);
            await Send(client, Grpc(service), watch);
        }

        // The body is the application's: what it throws comes back to it, but goes nowhere else.
        var ownBody = Request(HttpMethod.Post, "orders");
        ownBody.Content = new ThrowingContent();
        await Assert.ThrowsAnyAsync<Exception>(() => client.SendAsync(ownBody));

        using var givesUp = new CancellationTokenSource(TimeSpan.FromMilliseconds(50));
        await Send(client, Request(HttpMethod.Get, "orders"), watch, givesUp.Token);
    }

    private static HttpRequestMessage Request(HttpMethod method, string service)
    {
        var request = new HttpRequestMessage(
            method, $"http://{service}/cards/{PrivacyWatch.Card}/{PrivacyWatch.Mail}?token={PrivacyWatch.Bearer}");
        request.Headers.TryAddWithoutValidation("Authorization", $"Bearer {PrivacyWatch.Bearer}");
        request.Headers.TryAddWithoutValidation("Cookie", $"mail={PrivacyWatch.Mail}; card={PrivacyWatch.Card}");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", Private);
        request.Headers.TryAddWithoutValidation("X-Forwarded-For", PrivacyWatch.Mail);
        request.Headers.TryAddWithoutValidation("x-private", Private);
        request.Options.Set(MeshRequestOptions.HashKey, Private);
        if (method != HttpMethod.Get)
        {
            request.Content = new StringContent(Private);
        }

        return request;
    }

    private static HttpRequestMessage Grpc(string service)
    {
        var request = Request(HttpMethod.Post, service);
        request.Version = HttpVersion.Version20;
        request.Content!.Headers.Remove("Content-Type");
        request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        request.Headers.TryAddWithoutValidation("card-bin", Private);
        return request;
    }

    private static async Task Send(
        HttpClient client, HttpRequestMessage request, PrivacyWatch watch, CancellationToken token = default)
    {
        try
        {
            using var response = await client.SendAsync(request, token);
            if (response.Headers.Contains(MeshHeaders.Reason))
            {
                watch.Take("grpc", response.ToString());
            }
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            // A body cut after its headers fails in HttpClient, with words of the platform alone.
            watch.Take(exception);
        }
    }

    private static ServiceProvider Provider(ConsulAgent agent, string folder, PrivacyWatch watch)
    {
        var services = new ServiceCollection();
        services.AddLogging(logging => logging.AddProvider(watch.Log).SetMinimumLevel(LogLevel.Trace));
        services.AddHttpClient("c");
        services.AddMesh(options =>
        {
            options.Consul.Address = agent.Address.ToString();
            options.Snapshot.Folder = folder;
            options.UnknownServices = UnknownServices.Fail;
            options.AccessLog.Mode = MeshAccessLogMode.All;
            options.AccessLog.LinesPerSecond = 100_000;
        });
        return services.BuildServiceProvider();
    }

    private static Task Register(ConsulClient consul, string service, string id, int port) => consul.RegisterServiceAsync(
        new ServiceRegistration { Id = id, Name = service, Address = "127.0.0.1", Port = port }, default);

    /// <summary>Answers every connection with a header line that is none, full of what it should not tell.</summary>
    private static TcpListener MalformedServer()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        _ = Task.Run(async () =>
        {
            try
            {
                while (true)
                {
                    using var peer = await listener.AcceptTcpClientAsync();
                    await peer.GetStream().ReadAtLeastAsync(new byte[4096], 1);
                    await peer.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\n{Private}\r\n\r\n"));
                }
            }
            catch (Exception stopped) when (stopped is SocketException or ObjectDisposedException or IOException)
            {
                // The test is over.
            }
        });
        return listener;
    }

    private sealed class ThrowingContent : HttpContent
    {
        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new IOException(Private);

        protected override bool TryComputeLength(out long length) => (length = 10) > 0;
    }
}
