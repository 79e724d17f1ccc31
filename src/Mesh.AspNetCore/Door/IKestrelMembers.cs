using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// What Kestrel knows and does not tell. Each throws <see cref="MissingMemberException"/> under a version of Kestrel that has
/// changed it.
/// </summary>
internal interface IKestrelMembers
{
    /// <summary>
    /// What the application says about every endpoint: setting defaults of ours would replace it, since the public method
    /// is a setter without a getter.
    /// </summary>
    Action<ListenOptions> EndpointDefaults(KestrelServerOptions options);

    /// <summary>The endpoints listened on in code so far, which could not be found otherwise.</summary>
    IReadOnlyList<ListenOptions> CodeBacked(KestrelServerOptions options);

    /// <summary>The same of those that a configuration names.</summary>
    IReadOnlyList<ListenOptions> ConfigurationBacked(KestrelServerOptions options);

    /// <summary>The application has given it HTTPS of its own, so that it is to be left alone.</summary>
    bool IsTls(ListenOptions endpoint);
}
