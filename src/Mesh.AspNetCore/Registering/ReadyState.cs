using Mesh.Consul;

namespace Mesh.AspNetCore.Registering;

/// <summary>What this instance says of its own health.</summary>
internal readonly record struct ReadyState(ConsulHealth Health, string Output)
{
    /// <summary>Kestrel serves, and no check of the application objects.</summary>
    public static ReadyState Serving { get; } = new(ConsulHealth.Passing, "serving");
}
