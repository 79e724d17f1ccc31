namespace Mesh.Consul;

/// <summary>The agent accepted a connection and closed it at once, without an answer.</summary>
internal sealed class UnansweredException() : IOException(
    "the agent closed a new connection at once, as it does with those above its limits.http_max_conns_per_client " +
    "(200 for each client address unless configured).");
