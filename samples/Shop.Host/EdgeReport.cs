namespace Shop.Host;

/// <summary>One edge: what its callers measured, and what its callees wrote down.</summary>
internal sealed record EdgeReport(
    string Edge, long Calls, long Failed, long Retries, long Ejections, double P50Ms, double P99Ms, long SeenByCallee);
