using Mesh.Client.Pipeline;
using Mesh.Client.Tests.Support;
using Mesh.Policy;

namespace Mesh.Client.Tests.Pipeline;

public sealed class WireRulesTests : IDisposable
{
    private readonly SecureMesh _mesh = new();

    [Theory]
    [InlineData(null, false, false, OutboundTls.Auto, null)]
    [InlineData(null, true, false, OutboundTls.Auto, null)]
    [InlineData(null, true, true, OutboundTls.Auto, MeshReasons.PlaintextRefused)]
    [InlineData(null, false, true, OutboundTls.Auto, MeshReasons.PlaintextRefused)]
    [InlineData(null, true, false, OutboundTls.Require, MeshReasons.PlaintextRefused)]
    [InlineData("permissive", false, false, OutboundTls.Auto, null)]
    [InlineData("permissive", false, true, OutboundTls.Auto, MeshReasons.NoIdentity)]
    [InlineData("permissive", false, false, OutboundTls.Require, MeshReasons.NoIdentity)]
    [InlineData("strict", false, false, OutboundTls.Auto, MeshReasons.NoIdentity)]
    [InlineData("permissive", true, false, OutboundTls.Auto, "tls")]
    [InlineData("strict", true, true, OutboundTls.Require, "tls")]
    [InlineData("of a later version", true, false, OutboundTls.Auto, "tls")]
    [InlineData("", true, false, OutboundTls.Auto, null)]
    public void Decide_WhatTheEndpointSpeaksAndWhatIsDemanded_GiveTheWire(
        string? tls, bool identity, bool seen, OutboundTls mode, string? expected)
    {
        _mesh.WithIdentity(identity ? null : null).Demand(mode);
        _mesh.Identity.Set(identity ? _mesh.Issue() : null);

        var wire = WireRules.Decide(
            "orders", SecureMesh.Endpoint("a", 1, tls), seen, _mesh.Security, EndpointWire.Plain);

        Assert.Equal(expected == "tls" ? null : expected, wire.Refusal);
        Assert.Equal(
            expected == "tls" ? "spiffe://mesh.test/ns/default/dc/dc1/svc/orders" : null, wire.Expected?.ToString());
    }

    [Fact]
    public void Decide_IdentityIsLost_KeepsWhatWasDecided()
    {
        _mesh.WithIdentity();
        var endpoint = SecureMesh.Endpoint("a", 1, "strict");
        var before = WireRules.Decide("orders", endpoint, seen: true, _mesh.Security, EndpointWire.Plain);
        _mesh.Identity.Set(null);

        Assert.Equal(before, WireRules.Decide("orders", endpoint, seen: true, _mesh.Security, before));
    }

    [Fact]
    public void Decide_EndpointWithoutDatacenter_IsExpectedInOurs()
    {
        _mesh.WithIdentity();

        var wire = WireRules.Decide(
            "orders", SecureMesh.Endpoint("a", 1) with { Datacenter = null }, false, _mesh.Security,
            EndpointWire.Plain);

        Assert.Equal("spiffe://mesh.test/ns/default/dc/dc1/svc/orders", wire.Expected?.ToString());
    }

    [Fact]
    public void Decide_NameThatNoCertificateCanHave_IsRefused()
    {
        _mesh.WithIdentity();

        var wire = WireRules.Decide(
            "orders", SecureMesh.Endpoint("a", 1) with { Datacenter = "d c" }, false, _mesh.Security,
            EndpointWire.Plain);

        Assert.Equal(MeshReasons.WrongPeer, wire.Refusal);
    }

    [Fact]
    public void Decide_Sidecar_SpeaksTlsOnlyWhateverItRegistered()
    {
        var sidecar = SecureMesh.Endpoint("a", 1, tls: null) with { IsSidecar = true };

        Assert.Equal(
            MeshReasons.NoIdentity,
            WireRules.Decide("orders", sidecar, false, _mesh.Security, EndpointWire.Plain).Refusal);
        _mesh.WithIdentity();
        Assert.NotNull(WireRules.Decide("orders", sidecar, false, _mesh.Security, EndpointWire.Plain).Expected);
    }

    public void Dispose() => _mesh.Dispose();
}
