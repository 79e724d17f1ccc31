namespace Shop.Host;

/// <summary>
/// The load balancer of your own before the web instances, as simple as can be: asks Consul four times a second who is
/// well, and lets them take turns. While Consul does not answer, or names nobody, the last answer holds.
/// </summary>
internal sealed class WebEdge(Fleet fleet, ControlPlane control)
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private volatile IReadOnlyList<int> _ports = fleet.WebPorts;

    /// <summary>Where to send the request with this number.</summary>
    public string AddressFor(long number)
    {
        var ports = _ports;
        return $"http://127.0.0.1:{ports[(int)(number % ports.Count)]}";
    }

    public async Task RunAsync(CancellationToken stop)
    {
        using var timer = new PeriodicTimer(Pause);
        try
        {
            while (await timer.WaitForNextTickAsync(stop))
            {
                if (await control.PassingAsync("web", stop) is { Count: > 0 } passing)
                {
                    _ports = [.. fleet.Services.Where(s => passing.Contains(s.Instance)).Select(s => s.Port)];
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The run is over.
        }
    }
}
