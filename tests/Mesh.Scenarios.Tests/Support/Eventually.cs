using System.Diagnostics;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>Waits for what other processes bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    /// <returns>How long it took.</returns>
    public static Task<TimeSpan> TrueAsync(Func<bool> condition, string what, TimeSpan? within = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, within);

    /// <inheritdoc cref="TrueAsync(Func{bool}, string, TimeSpan?)"/>
    public static async Task<TimeSpan> TrueAsync(Func<Task<bool>> condition, string what, TimeSpan? within = null)
    {
        var watch = Stopwatch.StartNew();
        while (!await condition())
        {
            Assert.True(watch.Elapsed < (within ?? Bound), $"Waited {within ?? Bound} in vain for: {what}.");
            await Task.Delay(20);
        }

        return watch.Elapsed;
    }
}
