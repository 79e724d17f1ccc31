using Microsoft.Extensions.Logging;

namespace Mesh.Client.Balancing;

/// <summary>
/// Stands around an algorithm of the application: made on first use, so that its code never runs under a lock of ours;
/// a defect in it costs its choice, never the call.
/// </summary>
internal sealed partial class GuardedLoadBalancer : ILoadBalancer
{
    private readonly Lazy<ILoadBalancer> _inner;
    private readonly string _name;
    private readonly ILogger _logger;
    private int _reported;

    public GuardedLoadBalancer(string name, Func<ILoadBalancer> factory, ILogger logger)
    {
        _inner = new Lazy<ILoadBalancer>(factory);
        _name = name;
        _logger = logger;
    }

    public int Pick(LoadBalancerCandidates candidates, in LoadBalancerContext context)
    {
        try
        {
            var index = _inner.Value.Pick(candidates, context);
            if ((uint)index < (uint)candidates.Count)
            {
                return index;
            }

            Report(new InvalidOperationException(
                $"It answered {index}; an index of {candidates.Count} candidates was expected."));
        }
        catch (Exception error)
        {
            Report(error);
        }

        return candidates.At(context.Random.NextDouble());
    }

    // Once: a defect on the path of every call would flood the log.
    private void Report(Exception error)
    {
        if (Interlocked.Exchange(ref _reported, 1) == 0)
        {
            Log.Failed(_logger, _name, error);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(4500, LogLevel.Error,
            "The load balancer '{Name}' that the application registered failed. Calls it cannot place go to random " +
            "endpoints; further failures of this instance are not logged.")]
        public static partial void Failed(ILogger logger, string name, Exception error);
    }
}
