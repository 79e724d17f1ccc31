using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Tests.Inbound;

public sealed class InboundMiddlewareTests
{
    [Theory]
    [InlineData(null, false)]
    [InlineData("1", false)]
    [InlineData("2", true)]
    [InlineData("17", true)]
    [InlineData("-2", false)]
    [InlineData("two", false)]
    [InlineData("2,3", false)]
    [InlineData("", false)]
    public async Task AttemptHeader_MarksTheCallsOfThatRequestOnly(string? value, bool retried)
    {
        var seen = false;
        var middleware = new InboundMiddleware(async _ =>
        {
            await Task.Yield();
            seen = MeshAmbient.IsRetriedRequest;
        }, new DrainState());
        var context = new DefaultHttpContext();
        if (value is not null)
        {
            context.Request.Headers[MeshHeaders.Attempt] = value;
        }

        await middleware.InvokeAsync(context);

        Assert.Equal(retried, seen);
        Assert.False(MeshAmbient.IsRetriedRequest);
    }

    [Fact]
    public void OrdinaryRequest_PassesWithoutAllocating()
    {
        var middleware = new InboundMiddleware(_ => Task.CompletedTask, new DrainState());
        var context = new DefaultHttpContext();
        Run(middleware, context, 100);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Run(middleware, context, 1000);

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Run(InboundMiddleware middleware, HttpContext context, int times)
    {
        for (var i = 0; i < times; i++)
        {
            Assert.True(middleware.InvokeAsync(context).IsCompletedSuccessfully);
        }
    }
}
