namespace Mesh.Testing.Tests;

internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(Func<bool> condition) => TrueAsync(() => Task.FromResult(condition()));

    public static async Task TrueAsync(Func<Task<bool>> condition)
    {
        using var limit = new CancellationTokenSource(Bound);
        while (!await condition())
        {
            Assert.False(limit.IsCancellationRequested, $"The condition did not come true within {Bound}.");
            await Task.Delay(10, CancellationToken.None);
        }
    }
}
