using Mesh.AspNetCore.Inbound;
using Mesh.AspNetCore.Tests.Support;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Tests.Limits;

public sealed class CriticalityTests
{
    [Theory]
    [InlineData("shop", "sheddable", null, MeshCriticality.Sheddable)]
    [InlineData("shop", "SHEDDABLE_PLUS", null, MeshCriticality.SheddablePlus)]
    [InlineData("shop", "critical_plus", "mesh.criticality=sheddable", MeshCriticality.CriticalPlus)]
    [InlineData("shop", null, "mesh.criticality=sheddable", MeshCriticality.Sheddable)]
    [InlineData("shop", null, "a=1, mesh.criticality = sheddable_plus ;x=y,b=2", MeshCriticality.SheddablePlus)]
    [InlineData("shop", null, "mesh.criticality=critical_plus", MeshCriticality.Critical)]
    [InlineData("shop", null, "amesh.criticality=sheddable", MeshCriticality.Critical)]
    [InlineData("shop", null, null, MeshCriticality.Critical)]
    [InlineData(null, "sheddable", "mesh.criticality=sheddable", MeshCriticality.Critical)]
    public async Task Member_SaysHowMuchItsRequestMatters(
        string? caller, string? header, string? baggage, MeshCriticality expected)
    {
        using var meters = new InboundMeters();
        var seen = (MeshCriticality)(-9);

        await RunAsync(meters, caller, header, baggage, () => seen = MeshContext.Criticality);

        Assert.Equal(expected, seen);
        Assert.Equal(MeshCriticality.Critical, MeshContext.Criticality);
        Assert.Equal(0, meters.Decisions("ignore", MeshReasons.Malformed));
    }

    [Theory]
    [InlineData("critical_plus", "critical", "critical_plus")]
    [InlineData("critical", "critical", "critical")]
    [InlineData("sheddable", "sheddable", "sheddable")]
    public async Task WhoCouldProveToBeAMember_AndDoesNot_MattersNoMoreThanOthers(
        string said, string toNobody, string toMember)
    {
        await using var app = await DoorApp.StartAsync(
            use: a => a.Run(c => c.Response.WriteAsync(MeshContext.Criticality.Word())));
        var (plain, nobody, member) = (app.Plain(), app.Caller(), app.Member("shop"));
        foreach (var client in (HttpClient[])[plain, nobody, member])
        {
            client.DefaultRequestHeaders.Add(MeshHeaders.Caller, "shop");
            client.DefaultRequestHeaders.Add(MeshHeaders.Criticality, said);
        }

        Assert.Equal(toNobody, await plain.GetStringAsync("/"));
        Assert.Equal(toNobody, await nobody.GetStringAsync("/"));
        Assert.Equal(toMember, await member.GetStringAsync("/"));
    }

    [Theory]
    [InlineData("important", null)]
    [InlineData("", null)]
    [InlineData(null, "mesh.criticality=2")]
    public async Task UnknownWord_IsTheDefault_AndCounted(string? header, string? baggage)
    {
        using var meters = new InboundMeters();
        var seen = (MeshCriticality)(-9);

        await RunAsync(meters, "shop", header, baggage, () => seen = MeshContext.Criticality);

        Assert.Equal(MeshCriticality.Critical, seen);
        Assert.Equal(1, meters.Decisions("ignore", MeshReasons.Malformed));
    }

    [Fact]
    public async Task TimeLeft_IsThatOfTheRequest()
    {
        using var meters = new InboundMeters();
        TimeSpan? during = null;
        await RunAsync(meters, "shop", null, null, () => during = MeshContext.TimeLeft, deadline: "60000");

        Assert.InRange(during!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));
        Assert.Null(MeshContext.TimeLeft);
    }

    private static Task RunAsync(
        InboundMeters meters, string? caller, string? header, string? baggage, Action seen, string? deadline = null)
    {
        var context = new DefaultHttpContext();
        Set(context, MeshHeaders.Caller, caller);
        Set(context, MeshHeaders.Criticality, header);
        Set(context, "baggage", baggage);
        Set(context, MeshHeaders.Deadline, deadline);
        var middleware = new InboundMiddleware(
            async _ =>
            {
                await Task.Yield();
                seen();
            },
            new DrainState(), new CallerMembership(Keepers.Create()), meters.Instruments, Limited.ByNothing(),
            TimeProvider.System);
        return middleware.InvokeAsync(context);
    }

    private static void Set(HttpContext context, string header, string? value)
    {
        if (value is not null)
        {
            context.Request.Headers[header] = value;
        }
    }
}
