using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// Kestrel's own members, bound by the runtime without reflection, so that trimming and AOT keep them. A runtime that has
/// renamed one makes its first use throw <see cref="MissingMethodException"/>, which <see cref="KestrelDoor"/> survives.
/// </summary>
internal sealed class KestrelInternals : IKestrelMembers
{
    public Action<ListenOptions> EndpointDefaults(KestrelServerOptions options) => GetEndpointDefaults(options);

    public IReadOnlyList<ListenOptions> CodeBacked(KestrelServerOptions options) => GetCodeBacked(options);

    public IReadOnlyList<ListenOptions> ConfigurationBacked(KestrelServerOptions options) => GetConfigurationBacked(options);

    public bool IsTls(ListenOptions endpoint) => GetIsTls(endpoint);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_EndpointDefaults")]
    private static extern Action<ListenOptions> GetEndpointDefaults(KestrelServerOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CodeBackedListenOptions")]
    private static extern List<ListenOptions> GetCodeBacked(KestrelServerOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ConfigurationBackedListenOptions")]
    private static extern List<ListenOptions> GetConfigurationBacked(KestrelServerOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsTls")]
    private static extern bool GetIsTls(ListenOptions endpoint);
}
