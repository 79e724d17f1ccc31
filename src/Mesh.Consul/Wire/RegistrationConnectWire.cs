namespace Mesh.Consul;

/// <summary>How an instance takes part in Consul Connect, as the agent reads it.</summary>
internal sealed class RegistrationConnectWire
{
    public required bool Native { get; init; }
}
