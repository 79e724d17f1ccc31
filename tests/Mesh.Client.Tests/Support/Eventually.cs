using System.Diagnostics;

namespace Mesh.Client.Tests.Support;

/// <summary>Waits for something that happens by itself, generously, and says what it waited for when it does not.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    public static Task TrueAsync(Func<bool> condition, string what = "") => BecomesAsync(condition, () => what);

    public static async Task BecomesAsync(Func<bool> condition, Func<string> otherwise)
    {
        var watch = Stopwatch.StartNew();
        while (!condition())
        {
            if (watch.Elapsed > Patience)
            {
                Assert.Fail($"Did not happen within {Patience.TotalSeconds} s. {otherwise()}");
            }

            await Task.Delay(20);
        }
    }
}
