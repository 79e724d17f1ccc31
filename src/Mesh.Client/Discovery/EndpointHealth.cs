namespace Mesh.Client.Discovery;

/// <summary>What the registry says of an endpoint's health.</summary>
internal enum EndpointHealth
{
    Passing,
    Warning,
    Critical,

    /// <summary>Taken out by an operator; never used, not even in panic.</summary>
    Maintenance,
}
