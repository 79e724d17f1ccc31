namespace Mesh.Testing;

/// <summary>A Consul agent did not start, ended too early, or refused what was asked of it.</summary>
public sealed class ConsulAgentException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What went wrong and what to do.</param>
    /// <param name="log">What the agent had printed by then.</param>
    /// <param name="innerException">What caused it, if anything.</param>
    public ConsulAgentException(string message, string log = "", Exception? innerException = null)
        : base(
            log.Length == 0
                ? message
                : $"{message}{Environment.NewLine}The agent's log:{Environment.NewLine}{log}",
            innerException) =>
        Log = log;

    /// <summary>What the agent had printed by then; empty when it never ran.</summary>
    public string Log { get; }
}
