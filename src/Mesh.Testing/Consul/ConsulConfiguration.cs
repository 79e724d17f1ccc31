using System.Text;
using System.Text.Json;

namespace Mesh.Testing;

/// <summary>
/// Turns options into the agent's command line. Configuration goes as arguments: there is no file to clean up.
/// </summary>
internal static class ConsulConfiguration
{
    /// <summary>The node's metadata key that tells one start of an agent from every other.</summary>
    public const string RunKey = "mesh-testing-run";

    private static readonly Version WithInitialManagementToken = new(1, 11);
    private static readonly Version WithGrpcTls = new(1, 14);

    public static IReadOnlyList<string> Arguments(
        ConsulAgentOptions options, ConsulAgentPorts ports, string? managementToken, Version version, string run)
    {
        List<string> arguments = ["agent"];
        if (options.DataFolder is null)
        {
            arguments.Add("-dev");
        }

        arguments.AddRange(["-hcl", Json(options, ports, managementToken, version, run)]);
        if (options.ExtraConfig is { } extra)
        {
            arguments.AddRange(["-hcl", extra]);
        }

        return arguments;
    }

    private static string Json(
        ConsulAgentOptions options, ConsulAgentPorts ports, string? managementToken, Version version, string run)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("datacenter", options.Datacenter);
            json.WriteString("node_name", options.NodeName ?? $"{options.Datacenter}-{ports.Server}");
            json.WriteString("bind_addr", "127.0.0.1");
            json.WriteString("client_addr", "127.0.0.1");
            json.WriteString("log_level", options.LogLevel);
            json.WriteBoolean("disable_update_check", true);
            json.WriteStartObject("node_meta");
            json.WriteString(RunKey, run);
            json.WriteEndObject();
            WritePorts(json, ports, version);

            // Said either way: an agent in memory has it on by itself.
            json.WriteStartObject("connect");
            json.WriteBoolean("enabled", options.Connect);
            json.WriteEndObject();
            WriteData(json, options);
            WriteWan(json, options);
            WriteAcl(json, options, managementToken, version);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void WritePorts(Utf8JsonWriter json, ConsulAgentPorts ports, Version version)
    {
        json.WriteStartObject("ports");
        json.WriteNumber("http", ports.Http);
        json.WriteNumber("https", -1);
        json.WriteNumber("dns", ports.Dns);
        json.WriteNumber("server", ports.Server);
        json.WriteNumber("serf_lan", ports.SerfLan);
        json.WriteNumber("serf_wan", ports.SerfWan);
        json.WriteNumber("grpc", ports.Grpc);
        if (version >= WithGrpcTls)
        {
            json.WriteNumber("grpc_tls", ports.GrpcTls);
        }

        json.WriteEndObject();
    }

    private static void WriteData(Utf8JsonWriter json, ConsulAgentOptions options)
    {
        if (options.DataFolder is null)
        {
            return;
        }

        json.WriteBoolean("server", true);
        json.WriteNumber("bootstrap_expect", options.Servers);
        json.WriteString("data_dir", Path.GetFullPath(options.DataFolder));
        WriteLan(json, options);

        // The fastest election Consul lets a server with a disk have: 1-2 s instead of 5-10 s.
        json.WriteStartObject("performance");
        json.WriteNumber("raft_multiplier", 1);
        json.WriteEndObject();
    }

    private static void WriteLan(Utf8JsonWriter json, ConsulAgentOptions options)
    {
        if (options.JoinLan.Count == 0)
        {
            return;
        }

        json.WriteStartArray("retry_join");
        foreach (var address in options.JoinLan)
        {
            json.WriteStringValue(address);
        }

        json.WriteEndArray();
        json.WriteString("retry_interval", "1s");
    }

    private static void WriteWan(Utf8JsonWriter json, ConsulAgentOptions options)
    {
        var address = options.JoinWan is { } agent ? $"127.0.0.1:{agent.SerfWanPort}" : options.JoinWanAddress;
        if (address is null)
        {
            return;
        }

        json.WriteStartArray("retry_join_wan");
        json.WriteStringValue(address);
        json.WriteEndArray();
        json.WriteString("retry_interval_wan", "1s");
        if (options.JoinWan is { } primary)
        {
            json.WriteString("primary_datacenter", primary.Datacenter);
        }
    }

    private static void WriteAcl(
        Utf8JsonWriter json, ConsulAgentOptions options, string? managementToken, Version version)
    {
        if (managementToken is null)
        {
            return;
        }

        json.WriteStartObject("acl");
        json.WriteBoolean("enabled", true);
        json.WriteString("default_policy", "deny");
        json.WriteBoolean("enable_token_persistence", false);
        if (options.JoinWan is not null)
        {
            json.WriteBoolean("enable_token_replication", true);
        }

        json.WriteStartObject("tokens");
        json.WriteString(version >= WithInitialManagementToken ? "initial_management" : "master", managementToken);
        json.WriteString("agent", managementToken);
        if (options.JoinWan is not null)
        {
            json.WriteString("replication", managementToken);
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }
}
