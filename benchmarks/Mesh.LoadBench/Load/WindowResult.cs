namespace Mesh.LoadBench.Load;

/// <summary>What a client process saw in one window.</summary>
/// <param name="Seconds">Length of the window.</param>
/// <param name="Calls">Calls that ended in it.</param>
/// <param name="Errors">Calls that failed, ramp included.</param>
/// <param name="P50">Microseconds.</param>
/// <param name="P99">Microseconds.</param>
/// <param name="P999">Microseconds.</param>
/// <param name="ClientSeconds">Processor time of the client process.</param>
/// <param name="ServerSeconds">Processor time of the server's process, or processes.</param>
/// <param name="ClientBytes">Managed bytes the client process allocated.</param>
/// <param name="FirstError">The first failure, for the message.</param>
/// <param name="ProxySeconds">Processor time of the proxies in between.</param>
internal sealed record WindowResult(
    double Seconds,
    long Calls,
    long Errors,
    double P50,
    double P99,
    double P999,
    double ClientSeconds,
    double ServerSeconds,
    long ClientBytes,
    string? FirstError,
    double ProxySeconds = 0)
{
    public double Rate => Calls / Seconds;

    /// <summary>Processor seconds of all processes on the path per 100,000 calls.</summary>
    public double Processor => (ClientSeconds + ServerSeconds + ProxySeconds) / Calls * 1e5;

    public double BytesPerCall => (double)ClientBytes / Calls;
}
