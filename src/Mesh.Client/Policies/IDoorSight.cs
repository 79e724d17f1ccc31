using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>What the inbound half tells of this process's door. A process without one has none.</summary>
internal interface IDoorSight
{
    /// <summary>As a report says it.</summary>
    InboundReport Look();
}
