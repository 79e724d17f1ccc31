namespace Mesh.Testing;

/// <summary>One way of finding Consul did not work; its message is the outcome shown to the user.</summary>
internal sealed class ConsulSearchException(string message, Exception? innerException = null)
    : Exception(message, innerException);
