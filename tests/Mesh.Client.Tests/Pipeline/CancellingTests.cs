using Mesh.Client.Pipeline;

namespace Mesh.Client.Tests.Pipeline;

public sealed class CancellingTests
{
    [Fact]
    public async Task CancelIfAlive_Alive_Cancels()
    {
        using var source = new CancellationTokenSource();

        await source.CancelIfAliveAsync();

        Assert.True(source.IsCancellationRequested);
    }

    [Fact]
    public async Task CancelIfAlive_Disposed_IsNoError()
    {
        var source = new CancellationTokenSource();
        source.Dispose();

        await source.CancelIfAliveAsync();

        Assert.False(source.IsCancellationRequested);
    }
}
