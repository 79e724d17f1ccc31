namespace Mesh.Policy;

/// <summary>The switches a client obeys for calls to one upstream.</summary>
public sealed record ClientSwitchReport
{
    /// <summary>The service called.</summary>
    public required string Upstream { get; init; }

    /// <summary>Everything but the essential is off.</summary>
    public bool Bypass { get; init; }

    /// <summary>The words of the mechanisms that are off: see <see cref="MechanismWords"/>.</summary>
    public IReadOnlyList<string> Off { get; init => field = value ?? []; } = [];
}
