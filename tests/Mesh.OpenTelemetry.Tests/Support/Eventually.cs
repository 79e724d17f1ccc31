using System.Diagnostics;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>Waits for what other processes bring about.</summary>
internal static class Eventually
{
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(30);

    public static async Task<T> GetAsync<T>(Func<T?> read, string what, Func<string> onFailure)
        where T : class
    {
        for (var watch = Stopwatch.StartNew(); ; await Task.Delay(50))
        {
            if (read() is { } value)
            {
                return value;
            }

            Assert.True(watch.Elapsed < Bound, $"Waited {Bound} in vain for {what}.\n{onFailure()}");
        }
    }
}
