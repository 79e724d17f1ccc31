namespace Shop.Host;

/// <summary>Something that was broken or mended.</summary>
/// <param name="At">Seconds since the load began.</param>
/// <param name="What">What was done.</param>
/// <param name="Target">To what.</param>
/// <param name="Pid">The process, 0 when it is none.</param>
/// <param name="InFlight">Requests of the driver without an answer at that moment.</param>
internal sealed record ChaosEvent(double At, string What, string Target, int Pid, int InFlight);
