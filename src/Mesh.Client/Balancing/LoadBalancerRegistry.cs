using Mesh.Policy;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Balancing;

/// <summary>Names of algorithms become instances.</summary>
internal sealed partial class LoadBalancerRegistry
{
    public const string PeakEwma = "peak-ewma";
    public const string LeastRequest = "least-request";
    public const string RoundRobin = "round-robin";
    public const string Random = "random";

    /// <summary>What a policy puts before the name of an algorithm of the application.</summary>
    public const string CustomPrefix = "custom:";

    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly Dictionary<string, Func<ILoadBalancer>> _custom = new(StringComparer.OrdinalIgnoreCase);

    public LoadBalancerRegistry(IEnumerable<LoadBalancerRegistration> custom, Random random, ILoggerFactory loggers)
    {
        _random = random;
        _logger = loggers.CreateLogger<LoadBalancerRegistry>();
        foreach (var registration in custom)
        {
            _custom[registration.Name] = registration.Factory;
        }
    }

    /// <summary>
    /// A new instance. A name nobody registered gives the default: a policy written for all callers may name an algorithm
    /// that only some of them bring along, and their calls must not fail for it.
    /// </summary>
    public ILoadBalancer Create(string algorithm)
    {
        switch (algorithm)
        {
            case PeakEwma:
                return new PeakEwmaBalancer();
            case LeastRequest:
                return new LeastRequestBalancer();
            case RoundRobin:
                return new RoundRobinBalancer(_random);
            case Random:
                return new RandomBalancer();
        }

        var name = algorithm.StartsWith(CustomPrefix, StringComparison.Ordinal)
            ? algorithm[CustomPrefix.Length..]
            : algorithm;
        if (_custom.TryGetValue(name, out var factory))
        {
            return new GuardedLoadBalancer(name, factory, _logger);
        }

        Log.Unknown(_logger, algorithm, PolicyDefaults.Balance.Algorithm, name);
        return new PeakEwmaBalancer();
    }

    private static partial class Log
    {
        [LoggerMessage(4501, LogLevel.Warning,
            "The policy asks for the load balancer '{Algorithm}', which this process does not have; it uses {Default}. " +
            "Register it with AddLoadBalancer(\"{Name}\", ...), or name another one in the policy.")]
        public static partial void Unknown(ILogger logger, string algorithm, string @default, string name);
    }
}
