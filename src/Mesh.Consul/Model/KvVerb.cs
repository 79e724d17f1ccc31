namespace Mesh.Consul;

/// <summary>What a step of a transaction does.</summary>
public enum KvVerb
{
    /// <summary><c>set</c>: writes.</summary>
    Set,

    /// <summary><c>cas</c>: writes if the key is still at the index (0: if there is none).</summary>
    CheckAndSet,

    /// <summary><c>delete</c>: deletes.</summary>
    Delete,

    /// <summary><c>delete-cas</c>: deletes if the key is still at the index.</summary>
    DeleteCheckAndSet,

    /// <summary><c>check-index</c>: fails the transaction unless the key is at the index.</summary>
    CheckIndex,
}
