using Mesh.LoadBench.Mtls.Roles;

namespace Mesh.LoadBench.Mtls.Proxies;

/// <summary>haproxy on both sides: two threads, connections kept and shared, no log, nothing of a mesh.</summary>
internal static class HaproxyPair
{
    private const string Common =
        """
        global
          nbthread 2
          maxconn 4000
        defaults
          mode http
          http-reuse always
          timeout connect 5s
          timeout client 5m
          timeout server 5m
        """;

    /// <summary>The version of haproxy on this machine, or <see langword="null"/>.</summary>
    public static async Task<string?> VersionAsync(CancellationToken cancellationToken) =>
        ProxyHost.Find("haproxy") is { } file
            ? (await ProxyHost.VersionAsync(file, "-v", cancellationToken)).Split(' ').ElementAtOrDefault(2)
            : null;

    public static async Task<MtlsRow> StartAsync(
        ProxyHost host, BenchCertificates certificates, MtlsServerPorts server, string name,
        CancellationToken cancellationToken)
    {
        var (between, around) = (name != MtlsRow.Haproxy, name == MtlsRow.Haproxy2);
        var (inner, outer) = (between ? "HTTP/2" : "HTTP/1.1", around ? "HTTP/2" : "HTTP/1.1");
        var wire = $"{outer} > {inner} in mTLS > {outer}";
        if (ProxyHost.Find("haproxy") is not { } haproxy)
        {
            return new MtlsRow(name, wire, null, "not installed: no haproxy on PATH");
        }

        var (near, far) = (ProxyHost.FreePort(), ProxyHost.FreePort());
        var verify = $"ca-file {certificates.Root} verify required alpn {(between ? "h2" : "http/1.1")}";
        const string peer = $"verifyhost {BenchCertificates.Name} sni str({BenchCertificates.Name})";
        var application = around ? $"127.0.0.1:{server.Http2} proto h2" : $"127.0.0.1:{server.Http1}";
        var farId = await StartOneAsync(host, haproxy, far,
            $"""
            {Common}
            frontend sidecar
              bind 127.0.0.1:{far} ssl crt {certificates.Server} {verify}
              default_backend application
            backend application
              server one {application}

            """,
            cancellationToken);
        var nearId = await StartOneAsync(host, haproxy, near,
            $"""
            {Common}
            frontend client
              bind 127.0.0.1:{near}{(around ? " proto h2" : "")}
              default_backend sidecar
            backend sidecar
              server one 127.0.0.1:{far} ssl crt {certificates.Client} {verify} {peer}

            """,
            cancellationToken);
        return new MtlsRow(name, wire, new MtlsClientSetup(
            $"http://127.0.0.1:{near}/item", around, null, null, [server.ProcessId], [nearId, farId]));
    }

    private static async Task<int> StartOneAsync(
        ProxyHost host, string haproxy, int port, string configuration, CancellationToken cancellationToken)
    {
        var file = Path.Combine(host.Folder, $"haproxy-{port}.cfg");
        await File.WriteAllTextAsync(file, configuration, cancellationToken);
        return await host.StartAsync(
            new ProxySetup(haproxy, ["-db", "-q", "-f", file], Stop: null, port), cancellationToken);
    }
}
