namespace Mesh.Consul;

/// <summary>One element of a health answer.</summary>
internal sealed class HealthWire
{
    public NodeWire? Node { get; set; }

    public ServiceWire? Service { get; set; }

    public CheckWire?[]? Checks { get; set; }

    /// <summary>The model, or <see langword="null"/> for an element that names no instance.</summary>
    public ServiceHealth? ToModel() => Node is null || Service is null
        ? null
        : new ServiceHealth
        {
            Node = Node.ToModel(),
            Service = Service.ToModel(),
            Checks = WireDefaults.List<CheckWire, ConsulCheck>(Checks, static check => check.ToModel()),
        };
}
