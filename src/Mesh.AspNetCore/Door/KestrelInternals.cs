using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.AspNetCore.Door;

/// <summary>
/// The three things Kestrel knows and does not tell. Without the first, setting endpoint defaults of ours would replace
/// the application's (the public method is a setter without a getter); without the second, an endpoint listened on in code
/// before or after could not be found; without the third, an endpoint with the application's own HTTPS could not be left
/// alone. Bound by the runtime without reflection, so trimming and AOT keep them. A runtime that has renamed one makes the
/// first use throw <see cref="MissingMethodException"/>, which <see cref="KestrelDoor"/> survives.
/// </summary>
internal static class KestrelInternals
{
    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_EndpointDefaults")]
    public static extern Action<ListenOptions> EndpointDefaults(KestrelServerOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_CodeBackedListenOptions")]
    public static extern List<ListenOptions> CodeBacked(KestrelServerOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_ConfigurationBackedListenOptions")]
    public static extern List<ListenOptions> ConfigurationBacked(KestrelServerOptions options);

    [UnsafeAccessor(UnsafeAccessorKind.Method, Name = "get_IsTls")]
    public static extern bool IsTls(ListenOptions endpoint);
}
