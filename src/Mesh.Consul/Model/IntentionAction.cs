namespace Mesh.Consul;

/// <summary>What an intention, or one of its permissions, does.</summary>
public enum IntentionAction
{
    /// <summary>It forbids; also what a word that this version does not know means.</summary>
    Deny,

    /// <summary>It allows.</summary>
    Allow,
}
