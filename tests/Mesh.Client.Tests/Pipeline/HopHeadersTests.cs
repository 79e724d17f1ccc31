using System.Diagnostics;
using System.Net;
using Mesh.Client.Tests.Support;
using Mesh.Client.Transport;
using Mesh.Testing;

namespace Mesh.Client.Tests.Pipeline;

/// <summary>Who hears what of the mesh, and who may speak for it.</summary>
public sealed class HopHeadersTests : IDisposable
{
    private readonly TestMesh _mesh = new();

    public void Dispose() => _mesh.Dispose();

    [Theory]
    [InlineData(true, false)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(false, true)]
    public async Task Caller_IsNamedToMembersOnly_AndTheRequestIsLeftAsItWas(bool members, bool withHeaders)
    {
        _mesh.WithEndpoints(2, members);
        using var request = TestMesh.Get();
        if (withHeaders)
        {
            request.Headers.Add("x-own", "1");
        }

        using var response = await _mesh.Invoker().SendAsync(request, default);
        using var again = await _mesh.Invoker().SendAsync(request, default);

        Assert.Equal(2, _mesh.Stubs.Sent.Count);
        Assert.All(
            _mesh.Stubs.Sent,
            sent => Assert.Equal(members ? "tests" : null, sent.Headers.GetValueOrDefault(MeshHeaders.Caller)));
        Assert.All(_mesh.Stubs.Sent, sent => Assert.Equal(withHeaders, sent.Headers.ContainsKey("x-own")));
        Assert.Equal(withHeaders ? ["x-own"] : [], request.Headers.Select(h => h.Key));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task HeadersTheApplicationCopied_AreNeverSent_AndStayInItsRequest(bool members)
    {
        _mesh.WithEndpoints(2, members);
        _mesh.Stubs.Then(503);
        using var request = TestMesh.Get();
        request.Headers.Add(MeshHeaders.Caller, "somebody");
        request.Headers.Add(MeshHeaders.Attempt, "7");
        request.Headers.Add(MeshHeaders.Deadline, ["5", "6"]);
        request.Headers.Add(MeshHeaders.Criticality, "sheddable");
        request.Headers.Add("x-own", "1");

        using var response = await _mesh.Invoker().SendAsync(request, default);

        var sent = _mesh.Stubs.Sent.Select(
            s => string.Join(' ', s.Headers.Where(h => h.Key.StartsWith("mesh-")).Select(h => $"{h.Key}={h.Value}")));
        string[] expected = members ? ["mesh-caller=tests", "mesh-caller=tests mesh-attempt=2"] : ["", ""];
        Assert.Equal(expected, sent);
        Assert.Equal("somebody", Assert.Single(request.Headers.GetValues(MeshHeaders.Caller)));
        Assert.Equal("7", Assert.Single(request.Headers.GetValues(MeshHeaders.Attempt)));
        Assert.Equal(["5", "6"], request.Headers.GetValues(MeshHeaders.Deadline));
        Assert.Equal("sheddable", Assert.Single(request.Headers.GetValues(MeshHeaders.Criticality)));
        Assert.Equal("1", Assert.Single(request.Headers.GetValues("x-own")));
    }

    [Fact]
    public async Task Retry_FromAMemberToANonMember_TakesTheMarksOff()
    {
        _mesh.WithEndpoints(TestMesh.Endpoint("a", 1000, member: true), TestMesh.Endpoint("b", 1001));
        _mesh.Stubs.Always((id, _, _) => Task.FromResult(new HttpResponseMessage(
            _mesh.Stubs.Sent.Count % 2 == 1 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.OK)));

        for (var i = 0; i < 20; i++)
        {
            using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);
        }

        Assert.Contains(_mesh.Stubs.Sent, s => s.Endpoint == "a" && s.Headers.ContainsKey(MeshHeaders.Attempt));
        Assert.Contains(_mesh.Stubs.Sent, s => s.Endpoint == "b");
        Assert.All(_mesh.Stubs.Sent, s => Assert.Equal(s.Endpoint == "a", s.Headers.ContainsKey(MeshHeaders.Caller)));
        Assert.DoesNotContain(_mesh.Stubs.Sent, s => s.Endpoint == "b" && s.Headers.ContainsKey(MeshHeaders.Attempt));
    }

    [Fact]
    public async Task WhatThePlatformWrote_StaysInTheRequest()
    {
        _mesh.WithEndpoints(1, members: true);
        _mesh.Stubs.Always((_, request, _) =>
        {
            request.Headers.TryAddWithoutValidation("traceparent", "00-1");
            return Task.FromResult(new HttpResponseMessage());
        });
        var first = TestMesh.Get();
        var second = TestMesh.Get();

        using var one = await _mesh.Invoker().SendAsync(first, default);
        using var two = await _mesh.Invoker().SendAsync(second, default);

        Assert.Equal(["traceparent"], first.Headers.Select(h => h.Key));
        Assert.Equal(["traceparent"], second.Headers.Select(h => h.Key));
        Assert.NotSame(first.Headers, second.Headers);
        Assert.All(_mesh.Stubs.Sent, s => Assert.Equal("tests", s.Headers[MeshHeaders.Caller]));
    }

    [Fact]
    public async Task RequestDisposedOnItsWay_LeavesNoMarkForTheNextOne()
    {
        _mesh.WithEndpoints(1, members: true);
        using var disposed = TestMesh.Get();
        _mesh.Stubs.Then((request, _) =>
        {
            request.Dispose();
            return Task.FromResult(new HttpResponseMessage());
        });

        using var first = await _mesh.Invoker().SendAsync(disposed, default);
        using var second = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.All(_mesh.Stubs.Sent, s => Assert.Equal("tests", s.Headers[MeshHeaders.Caller]));
        Assert.Empty(disposed.Headers);
    }

    [Fact]
    public async Task ManyAtOnce_EachNamesTheCallerOnce()
    {
        _mesh.WithEndpoints(2, members: true);
        _mesh.Stubs.Always(async (_, _, _) =>
        {
            await Task.Yield();
            return new HttpResponseMessage();
        });
        using var invoker = _mesh.Invoker();

        var answers = await Task.WhenAll(
            Enumerable.Range(0, 200).Select(_ => Task.Run(() => invoker.SendAsync(TestMesh.Get(), default))));

        Assert.All(answers, answer => answer.Dispose());
        Assert.All(_mesh.Stubs.Sent, s => Assert.Equal("tests", s.Headers[MeshHeaders.Caller]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Response_WordsForThisHop_DoNotReachTheApplication(bool member)
    {
        _mesh.WithEndpoints(2, member);
        _mesh.Stubs.Then(200, (MeshHeaders.Draining, "1"), (MeshHeaders.Reason, "theirs"), ("x-own", "1"));

        using var response = await _mesh.Invoker().SendAsync(TestMesh.Get(), default);

        Assert.Equal(member ? [MeshHeaders.Reason, "x-own"] : ["x-own"], response.Headers.Select(h => h.Key).Order());
        Assert.Equal(member, _mesh.EndpointOf(_mesh.Stubs.Sent.Single().Endpoint).IsSuspect);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task OnTheWire_OneCallerHeader_AndTheTraceOfTheApplication(bool traced)
    {
        await using var backend = await HttpBackend.StartAsync();
        using var mesh = new TestMesh(transports: new SocketsTransportFactory(
                TimeProvider.System, new SeededRandom(3), propagator: null, meters: null))
            .WithEndpoints(TestMesh.Endpoint("a", backend.Port, member: true));
        using var client = mesh.HttpClient();
        using var activity = traced ? new Activity("parent").Start() : null;

        for (var i = 0; i < 3; i++)
        {
            using var response = await client.GetAsync("/");
            // Without a span of its own, a call may still be traced for a test beside this one.
            Assert.True(!traced || response.RequestMessage!.Headers.Contains("traceparent"));
            Assert.False(response.RequestMessage!.Headers.Contains(MeshHeaders.Caller));
        }

        Assert.Equal(3, backend.Requests.Count);
        Assert.All(backend.Requests, r => Assert.Equal("tests", Assert.Single(r.Headers, h => h.Key == MeshHeaders.Caller).Value));
    }
}
