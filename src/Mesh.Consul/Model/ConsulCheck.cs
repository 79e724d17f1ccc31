namespace Mesh.Consul;

/// <summary>A check and its state.</summary>
public sealed record ConsulCheck
{
    /// <summary>The ID of the maintenance check of a node.</summary>
    public const string NodeMaintenance = "_node_maintenance";

    /// <summary>What IDs of maintenance checks of services start with.</summary>
    public const string ServiceMaintenancePrefix = "_service_maintenance:";

    /// <summary>The check's ID.</summary>
    public required string CheckId { get; init; }

    /// <summary>Its state.</summary>
    public required ConsulHealth Status { get; init; }

    /// <summary>Its display name.</summary>
    public string Name { get; init; } = "";

    /// <summary>The service's ID; empty for a check of the node.</summary>
    public string ServiceId { get; init; } = "";

    /// <summary>The service's name; empty for a check of the node.</summary>
    public string ServiceName { get; init; } = "";

    /// <summary>The node.</summary>
    public string Node { get; init; } = "";

    /// <summary>What the check last said.</summary>
    public string Output { get; init; } = "";

    /// <summary>What whoever made it says about it; of a maintenance check, the reason.</summary>
    public string Notes { get; init; } = "";
}
