using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Hosting;

/// <summary>Reads the options from a section of the configuration; does nothing where there is none.</summary>
internal sealed class MeshOptionsBinding(IConfiguration? configuration) : IConfigureOptions<MeshOptions>
{
    /// <summary>The section read unless the application names another.</summary>
    public const string DefaultSection = "Mesh";

    /// <summary>The section, where there is a configuration.</summary>
    /// <remarks>
    /// A whole configuration is not bound itself: its top level holds every environment variable of the process, and some
    /// systems set one called NAME.
    /// </remarks>
    public IConfigurationSection? Section =>
        configuration as IConfigurationSection ?? configuration?.GetSection(DefaultSection);

    public void Configure(MeshOptions options)
    {
        if (Section is { } section)
        {
            Bind(section, options);
        }
    }

    private static void Bind(IConfigurationSection section, MeshOptions options)
    {
        var readable = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (path, value) in section.AsEnumerable(makePathsRelative: true))
        {
            // An empty value is an override that takes a setting back to its default.
            if (string.IsNullOrWhiteSpace(value))
            {
                continue;
            }

            if (MeshSettingReader.TryRead(path, value, out var text, out var expected))
            {
                readable[path] = text;
            }
            else
            {
                options.Unreadable.Add($"{section.Path}:{path} is '{value}'; write {expected}.");
            }
        }

        JoinReplicas(readable);
        var source = new ConfigurationBuilder().AddInMemoryCollection(readable).Build();
        ClearLists(source, options);
        source.Bind(options);
    }

    /// <summary>The replicas of the config server may be written as a list; to the options they are one text.</summary>
    private static void JoinReplicas(Dictionary<string, string?> readable)
    {
        const string prefix = nameof(MeshOptions.ConfigServer) + ":";
        var listed = readable.Where(s => s.Key.StartsWith(prefix, StringComparison.OrdinalIgnoreCase))
            .OrderBy(s => s.Key, StringComparer.OrdinalIgnoreCase).Select(s => s.Value).ToArray();
        if (listed.Length > 0)
        {
            readable[nameof(MeshOptions.ConfigServer)] = string.Join(',', listed);
        }
    }

    /// <summary>
    /// The binder appends to lists. A list in the configuration is meant as the list, and reading a section twice must not
    /// double it.
    /// </summary>
    private static void ClearLists(IConfiguration source, MeshOptions options)
    {
        if (source.GetSection(nameof(MeshOptions.Suffixes)).Exists())
        {
            options.Suffixes.Clear();
        }

        foreach (var upstream in source.GetSection(nameof(MeshOptions.Upstreams)).GetChildren())
        {
            if (upstream.GetSection(nameof(MeshUpstreamOptions.Endpoints)).Exists() &&
                options.Upstreams.TryGetValue(upstream.Key, out var known))
            {
                known.Endpoints.Clear();
            }
        }
    }
}
