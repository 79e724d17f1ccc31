using System.Globalization;
using System.Text.Json;
using Mesh.Client.Security;
using Mesh.Consul;
using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Client.Tests.Security;

/// <summary>An authority that is too busy: what no real agent is on demand.</summary>
public sealed class BusyAuthorityTests : IDisposable
{
    private readonly ManualTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly TestAuthority _authority;

    // Guards itself: when a leaf was asked for without blocking.
    private readonly List<DateTimeOffset> _plainReads = [];
    private Func<int, TestCertificate?> _leafOf = _ => null;

    public BusyAuthorityTests() => _authority = new TestAuthority("td.consul", _time);

    public void Dispose() => _authority.Dispose();

    [Fact]
    public async Task AnAuthorityThatSignsNoMoreForNow_IsAskedOnceInAWindow()
    {
        var leaf = Leaf();
        _leafOf = reads => reads <= 3 ? null : leaf;
        await using var backend = await StartAsync();
        using var consul = new ConsulClient(new ConsulClientOptions { Address = backend.Address.ToString() }, _time);
        using var bench = BenchOf(consul);
        await bench.Keeper.FirstAnswer;
        Assert.Equal(MeshReasons.AuthorityBusy, bench.Keeper.Status.Reason);

        await bench.PassAsync(_time, TimeSpan.FromSeconds(2), () => bench.Keeper.Current is not null);

        var reads = ReadsOfALeaf();
        var pauses = reads.Zip(reads.Skip(1), (a, b) => (b - a).TotalSeconds).Take(3).ToArray();
        Assert.All(pauses, pause => Assert.InRange(pause, 15, 60));
        Assert.True(pauses.Distinct().Count() > 1, "every pause was the same");
        Assert.Single(bench.Logs.Of(9011));
    }

    private DateTimeOffset[] ReadsOfALeaf()
    {
        lock (_plainReads)
        {
            return [.. _plainReads];
        }
    }

    private TestCertificate Leaf() => _authority.Issue(new TestCertificateOptions
    {
        Uris = [_authority.IdOf("web")],
        NotBefore = _time.GetUtcNow().AddMinutes(-1),
        NotAfter = _time.GetUtcNow().AddMinutes(39),
    });

    private KeeperBench BenchOf(ConsulClient consul) =>
        new(_ => new ConsulIdentitySource(consul, "web", _time, new SeededRandom(11)), _time) { Timers = null };

    private async Task<HttpBackend> StartAsync()
    {
        var backend = await HttpBackend.StartAsync(new() { TimeProvider = _time });
        backend.Respond(AnswerAsync);
        return backend;
    }

    private async Task AnswerAsync(HttpContext context)
    {
        var leaf = context.Request.Path.Value!.Contains("leaf", StringComparison.Ordinal);
        var blocks = context.Request.Query.TryGetValue("wait", out var wait);
        if (blocks)
        {
            var milliseconds = double.Parse(wait.ToString().TrimEnd('m', 's'), CultureInfo.InvariantCulture);
            await Task.Delay(TimeSpan.FromMilliseconds(milliseconds), _time, context.RequestAborted);
        }

        var body = leaf ? LeafJson(blocks) : RootsJson();
        context.Response.StatusCode = body is null ? 500 : 200;
        context.Response.Headers["X-Consul-Index"] = "7";
        await context.Response.WriteAsync(body ?? "rpc error making call: Rate limit reached, try again later");
    }

    private string? LeafJson(bool blocks)
    {
        int reads;
        lock (_plainReads)
        {
            if (!blocks)
            {
                _plainReads.Add(_time.GetUtcNow());
            }

            reads = blocks ? 1 : _plainReads.Count;
        }

        return _leafOf(reads) is not { } leaf ? null : JsonSerializer.Serialize(new
        {
            CertPEM = leaf.CertificatePem, PrivateKeyPEM = leaf.KeyPem, ServiceURI = _authority.IdOf("web"),
        });
    }

    private string RootsJson() => JsonSerializer.Serialize(new
    {
        TrustDomain = "td.consul", ActiveRootID = "a",
        Roots = new[] { new { ID = "a", RootCert = _authority.RootPem } },
    });
}
