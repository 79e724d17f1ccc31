using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Policy;
using Mesh.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.AspNetCore.Tests.Inspection;

public sealed class SecurityViewTests
{
    [Fact]
    public async Task Mesh_WithAnIdentity_TellsWhoItIsWhomItTrustsAndItsDoor()
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Issue("web");
        var identity = new CurrentIdentity();
        identity.Set(MeshIdentity.Create(
            leaf.Leaf, [],
            new Dictionary<string, X509Certificate2Collection> { [authority.TrustDomain] = authority.Roots() }));
        await using var app = await InspectedApp.StartAsync(b =>
        {
            b.Services.AddSingleton<IMeshIdentity>(identity);
            b.Services.AddMesh().AddServer(o => o.PlainPorts.Add(9090));
        });
        var own = app.App.Services.GetRequiredService<OwnPolicy>();
        own.Set(
            own.Security with
            {
                InboundTls = InboundTls.Strict,
                Authorization = new AuthorizationRules
                {
                    Otherwise = AuthorizationAction.Allow,
                    Rules = [new AuthorizationRule { Name = "no-deletes", Action = AuthorizationAction.Deny, Shadow = true }],
                },
                Origins = new Dictionary<string, string> { ["/inbound/tls"] = "global:locked" },
            },
            new InboundPolicy(),
            unknown: false);
        var ledger = app.App.Services.GetRequiredService<DoorLedger>();
        ledger.Plaintext("batch");
        ledger.WouldDeny("shop", "no-deletes");

        // Its own door is strict, and lets nobody in who asks in plaintext: the inspector is asked by itself.
        var text = System.Text.Json.JsonSerializer.Serialize(
            new AspNetCore.Inspection.ProcessInspector(AspNetCore.Inspection.InspectionSources.Of(app.App.Services))
                .Describe(null, 0, 10),
            AspNetCore.Inspection.InspectionJson.Default.ProcessView);
        var mesh = InspectedApp.Parse(text);

        var who = mesh.GetProperty("identity");
        Assert.Equal(authority.IdOf("web"), who.GetProperty("id").GetString());
        Assert.InRange(who.GetProperty("leftSeconds").GetDouble(), 80_000, 90_000);
        Assert.Equal(Fingerprint(leaf.Leaf), who.GetProperty("fingerprint").GetString());
        Assert.Equal(
            Fingerprint(authority.Certificate),
            who.GetProperty("roots").GetProperty(authority.TrustDomain)[0].GetString());
        Assert.DoesNotContain("PRIVATE", text, StringComparison.OrdinalIgnoreCase);
        var door = mesh.GetProperty("door");
        Assert.Equal(
            ("strict", "shadow", "auto", 9090),
            (door.GetProperty("tls").GetString(), door.GetProperty("intentionsMode").GetString(),
                door.GetProperty("outboundTls").GetString(), door.GetProperty("plainPorts")[0].GetInt32()));
        Assert.Equal("global:locked", door.GetProperty("origins").GetProperty("/inbound/tls").GetString());
        Assert.Equal(
            [("no-deletes", true), ("otherwise", false)],
            door.GetProperty("rules").EnumerateArray().Select(
                r => (r.GetProperty("name").GetString(), r.GetProperty("shadow").GetBoolean())));
        Assert.Equal("batch", door.GetProperty("plaintext")[0].GetProperty("caller").GetString());
        Assert.Equal("no-deletes", door.GetProperty("wouldDeny")[0].GetProperty("rule").GetString());
    }

    [Fact]
    public async Task Mesh_WithoutIdentityAndServer_SaysNothingOfThem()
    {
        await using var app = await InspectedApp.StartAsync();

        var mesh = await app.MeshAsync();

        Assert.False(mesh.TryGetProperty("identity", out _));
        Assert.False(mesh.TryGetProperty("door", out _));
    }

    [Fact]
    public async Task Endpoints_TellHowCallsTravel_AndWhoIsExpected()
    {
        using var authority = new TestAuthority();
        using var leaf = authority.Issue("web");
        var identity = new CurrentIdentity();
        identity.Set(MeshIdentity.Create(
            leaf.Leaf, [],
            new Dictionary<string, X509Certificate2Collection> { [authority.TrustDomain] = authority.Roots() }));
        await using var app = await InspectedApp.StartAsync(b => b.Services.AddSingleton<IMeshIdentity>(identity));
        var member = InspectedApp.Endpoint("a") with
        {
            Metadata = new Dictionary<string, string>
            {
                [MeshMetadata.Schema] = "1", [MeshMetadata.Protocols] = "h1,h2", [MeshMetadata.Tls] = "permissive",
            },
        };
        app.With("orders", member, InspectedApp.Endpoint("b"));

        var endpoints = (await app.MeshAsync()).GetProperty("upstreams")[0].GetProperty("endpoints").EnumerateArray()
            .ToDictionary(e => e.GetProperty("id").GetString()!);
        Assert.Equal("mesh", endpoints["a"].GetProperty("tls").GetString());
        Assert.Equal(authority.IdOf("orders"), endpoints["a"].GetProperty("expected").GetString());
        Assert.Equal("plaintext", endpoints["b"].GetProperty("tls").GetString());
        Assert.False(endpoints["b"].TryGetProperty("expected", out _));

        var text = await app.TextAsync("url=http://orders/");
        Assert.Contains($"a 10.0.0.1:1097, TLS as {authority.IdOf("orders")}", text, StringComparison.Ordinal);
        Assert.Contains("b 10.0.0.1:1098, plaintext", text, StringComparison.Ordinal);
    }

    private static string Fingerprint(X509Certificate2 certificate) =>
        certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
}
