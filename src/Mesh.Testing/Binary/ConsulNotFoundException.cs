namespace Mesh.Testing;

/// <summary>No Consul binary was found. The message names every way tried, with its outcome, and what to do.</summary>
public sealed class ConsulNotFoundException : Exception
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">Every way tried, with its outcome, and what to do.</param>
    public ConsulNotFoundException(string message)
        : base(message)
    {
    }
}
