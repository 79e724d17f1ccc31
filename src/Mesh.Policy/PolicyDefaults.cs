namespace Mesh.Policy;

/// <summary>Every built-in default, with its unit, origin and reason.</summary>
public static class PolicyDefaults
{
    /// <summary>
    /// Upper bound of a derived attempt deadline. A third of the total leaves room for two more attempts; beyond 5 s a
    /// stuck peer is better left than waited for.
    /// </summary>
    public static readonly TimeSpan AttemptCap = TimeSpan.FromSeconds(5);

    /// <summary>No total: <c>HttpClient.Timeout</c> or the gRPC deadline rules, as without the mesh.</summary>
    public static readonly TimeoutRule Timeout = new()
    {
        Total = null,
        Attempt = null,
        Connect = TimeSpan.FromSeconds(1),
        Handshake = TimeSpan.FromSeconds(5),
        Idle = null,
    };

    /// <summary>
    /// Two attempts, one of them a retry (Istio and Envoy retry once too); 504 and 500 are left out because the
    /// request may well have been executed.
    /// </summary>
    public static readonly RetryRule Retry = new()
    {
        Enabled = true,
        MaxAttempts = 2,
        Conditions = RetryConditions.Connect | RetryConditions.Refused | RetryConditions.Reset,
        StatusCodes = [502, 503],
        GrpcStatuses = [14],
        BackoffBase = TimeSpan.FromMilliseconds(25),
        BackoffMax = TimeSpan.FromMilliseconds(250),
        BudgetRatio = 0.2,
        BudgetFloor = 3,
        BudgetWindow = TimeSpan.FromSeconds(10),
        IdempotentWithKey = false,
    };

    /// <summary>
    /// Power of two choices over peak EWMA (Finagle, Linkerd); slow start because .NET warms up by JIT.
    /// </summary>
    public static readonly BalanceRule Balance = new()
    {
        Algorithm = "peak-ewma",
        SlowStart = TimeSpan.FromSeconds(30),
        PanicBelow = 0.5,
    };

    /// <summary>
    /// Consecutive 5, ejections of 30 s to 300 s and at most 10 % out (Envoy); connect failures 3 because a dead port
    /// does not get better by trying.
    /// </summary>
    public static readonly OutlierRule Outlier = new()
    {
        Enabled = true,
        Consecutive = 5,
        ConnectFailures = 3,
        EjectBase = TimeSpan.FromSeconds(30),
        EjectMax = TimeSpan.FromSeconds(300),
        MaxEjected = 0.1,
    };

    /// <summary>
    /// What <c>inbound.concurrency</c> means as soon as somebody writes it: nobody does by default, because the right
    /// limit of a service is its owner's to know or to let be measured. An adaptive one begins at 20 (Netflix's gradient
    /// limiter) and ends at 1000, beyond which thread pool and memory are the limit.
    /// </summary>
    public static readonly InboundConcurrency Concurrency = new() { Adaptive = true };

    /// <summary>The policy of a service nobody wrote anything about.</summary>
    public static EffectivePolicy For(string service) => PolicyMerger.Merge(service, null, null);
}
