namespace Mesh.Policy;

/// <summary>What the operator's switches add up to for calls to one service.</summary>
/// <param name="Bypass">
/// Everything but last-good discovery, simple balancing, identity and TLS is off.
/// </param>
/// <param name="Off">Mechanisms turned off one by one.</param>
public readonly record struct SwitchState(bool Bypass, Mechanisms Off)
{
    /// <summary>No switch is thrown.</summary>
    public static SwitchState None => default;

    /// <summary>True when <paramref name="mechanism"/> must not act.</summary>
    public bool IsOff(Mechanisms mechanism) => Bypass || (Off & mechanism) != 0;
}
