namespace Mesh.Client.Attempts;

/// <summary>Whether another attempt follows, and on whose account.</summary>
internal enum RetryKind
{
    /// <summary>None follows.</summary>
    Stop,

    /// <summary>One follows that costs the service nothing, and is not counted.</summary>
    Free,

    /// <summary>One follows if the budget has it.</summary>
    Budgeted,
}
