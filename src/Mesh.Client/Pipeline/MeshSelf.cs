using System.Reflection;

namespace Mesh.Client.Pipeline;

/// <summary>Who this process is, after defaults.</summary>
/// <param name="Mesh">The mesh's name, also the KV prefix.</param>
/// <param name="Service">This process's service.</param>
/// <param name="Instance">This instance, unique within the service.</param>
/// <param name="Version">Its version.</param>
/// <param name="Zone">Its failure domain.</param>
internal sealed record MeshSelf(string Mesh, string Service, string Instance, string Version, string? Zone)
{
    /// <summary>A program started from a script host or a test runner may have no assembly of its own.</summary>
    private const string Nameless = "application";

    private const string Unversioned = "0.0.0";

    /// <summary>Options, with what they leave open taken from the application.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="application">The host's name for the application, when there is a host.</param>
    /// <param name="random">Makes the instance unique.</param>
    public static MeshSelf Of(MeshOptions options, string? application, Random random)
    {
        var entry = Assembly.GetEntryAssembly();
        var service = options.Service?.ToLowerInvariant() ?? ServiceName(application ?? entry?.GetName().Name ?? Nameless);
        return new(
            options.Name,
            service,
            options.Instance ?? $"{service}-{ServiceName(Environment.MachineName)}-{(uint)random.NextInt64(1L << 32):x8}",
            options.Version ?? VersionOf(entry),
            options.Zone);
    }

    /// <summary>As a service name: lower case, everything that DNS would not take as a dash.</summary>
    private static string ServiceName(string text)
    {
        var name = string.Concat(text.ToLowerInvariant().Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')).Trim('-');
        return name.Length > 0 ? name : Nameless;
    }

    private static string VersionOf(Assembly? entry)
    {
        var text = entry?.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return text?.Split('+')[0] is { Length: > 0 } version ? version : Unversioned;
    }
}
