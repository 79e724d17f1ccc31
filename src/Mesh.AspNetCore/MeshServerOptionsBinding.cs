using Mesh.Client.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore;

/// <summary>Reads the options from section <c>Mesh:Server</c>.</summary>
internal sealed class MeshServerOptionsBinding(IConfiguration configuration) : IConfigureOptions<MeshServerOptions>
{
    public const string Section = "Mesh:Server";

    /// <summary>Settings that are neither text nor a name.</summary>
    internal static readonly Dictionary<string, MeshSettingKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Weights:Passing"] = MeshSettingKind.Number,
        ["Weights:Warning"] = MeshSettingKind.Number,
        ["Ttl"] = MeshSettingKind.Duration,
        ["Heartbeat"] = MeshSettingKind.Duration,
        ["CheckInterval"] = MeshSettingKind.Duration,
        ["CheckTimeout"] = MeshSettingKind.Duration,
        ["DeregisterCriticalServiceAfter"] = MeshSettingKind.Duration,
        ["Drain"] = MeshSettingKind.Flag,
        ["DrainDelay"] = MeshSettingKind.Duration,
        ["DeregisterTimeout"] = MeshSettingKind.Duration,
    };

    public void Configure(MeshServerOptions options)
    {
        var section = configuration.GetSection(Section);
        var kinds = new Dictionary<string, MeshSettingKind>(Kinds, StringComparer.OrdinalIgnoreCase);
        foreach (var port in section.GetSection(nameof(MeshServerOptions.PlainPorts)).GetChildren())
        {
            kinds[$"{nameof(MeshServerOptions.PlainPorts)}:{port.Key}"] = MeshSettingKind.Number;
        }

        ReadableSettings.From(section, kinds, options.Unreadable).Bind(options);
    }
}
