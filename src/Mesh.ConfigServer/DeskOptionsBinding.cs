using Mesh.Client.Hosting;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer;

/// <summary>Reads the options from section <c>Desk</c>.</summary>
internal sealed class DeskOptionsBinding(IConfiguration configuration) : IConfigureOptions<DeskOptions>
{
    /// <summary>Settings that are not plain text.</summary>
    internal static readonly Dictionary<string, MeshSettingKind> Kinds = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Consul:SslVerify"] = MeshSettingKind.Flag,
        ["Consul:MaxBlockingQueries"] = MeshSettingKind.Number,
        ["Register"] = MeshSettingKind.Flag,
        ["Heartbeat"] = MeshSettingKind.Duration,
        ["Coalesce"] = MeshSettingKind.Duration,
        ["MaxStreams"] = MeshSettingKind.Number,
        ["ClientExpiry"] = MeshSettingKind.Duration,
        ["MaxClients"] = MeshSettingKind.Number,
    };

    public void Configure(DeskOptions options) =>
        ReadableSettings.From(configuration.GetSection(DeskOptions.Section), Kinds, options.Unreadable).Bind(options);
}
