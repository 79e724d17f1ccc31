namespace Mesh.Policy;

/// <summary>What a rule does with a request it matches.</summary>
public enum AuthorizationAction
{
    /// <summary>The request goes on.</summary>
    Allow,

    /// <summary>The request is answered with 403 or PERMISSION_DENIED.</summary>
    Deny,
}
