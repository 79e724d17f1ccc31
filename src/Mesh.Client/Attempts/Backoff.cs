using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>The pause before a retry.</summary>
internal static class Backoff
{
    /// <summary>
    /// Full jitter: uniform from 0 to <c>min(base * 2^n, max)</c>, n counting retries from 0. Anything narrower lets
    /// callers that failed together come back together.
    /// </summary>
    public static TimeSpan Next(RetryRule rule, int retry, Random random)
    {
        var ceiling = Math.Min(
            rule.BackoffBase.TotalMilliseconds * Math.Pow(2, Math.Clamp(retry, 0, 30)), rule.BackoffMax.TotalMilliseconds);
        return TimeSpan.FromMilliseconds(ceiling * random.NextDouble());
    }
}
