using System.Diagnostics;

namespace Mesh.AspNetCore.Tests.Support;

/// <summary>Waits for conditions that other processes bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static async Task<T> GetAsync<T>(Func<Task<T?>> read, string what, Func<string>? onFailure = null)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            if (await read() is { } value)
            {
                return value;
            }

            if (watch.Elapsed > Bound)
            {
                Assert.Fail($"Waited {Bound} in vain for: {what}. {onFailure?.Invoke()}");
            }

            await Task.Delay(25);
        }
    }

    public static Task TrueAsync(Func<Task<bool>> condition, string what, Func<string>? onFailure = null) =>
        GetAsync(async () => await condition() ? "" : null, what, onFailure);

    public static Task TrueAsync(Func<bool> condition, string what, Func<string>? onFailure = null) =>
        TrueAsync(() => Task.FromResult(condition()), what, onFailure);
}
