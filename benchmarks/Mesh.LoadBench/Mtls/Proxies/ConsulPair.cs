using System.Globalization;
using Mesh.LoadBench.Mtls.Roles;
using Mesh.Testing;

namespace Mesh.LoadBench.Mtls.Proxies;

/// <summary>
/// Consul's built-in proxy on both sides, with certificates of its own CA: <c>connect proxy</c>. It copies bytes, so what
/// is spoken through it is what client and application speak.
/// </summary>
internal static class ConsulPair
{
    public static async Task<MtlsRow> StartAsync(
        ProxyHost host, ConsulAgent agent, MtlsServerPorts server, bool usesHttp2, CancellationToken cancellationToken)
    {
        var (name, service) = usesHttp2 ? (MtlsRow.Consul2, "proxied-h2") : (MtlsRow.Consul, "proxied-h1");
        var (near, far) = (ProxyHost.FreePort(), ProxyHost.FreePort());
        var consul = await ConsulBinary.FindAsync(cancellationToken);
        var address = $"-http-addr={agent.Address.Authority}";
        var application = Text(usesHttp2 ? server.Http2 : server.Http1);
        var farId = await host.StartAsync(
            new ProxySetup(
                consul,
                [
                    "connect", "proxy", address, "-service", service, "-service-addr", application,
                    "-listen", Text(far), "-register", "-log-level", "warn",
                ],
                Stop: null, far),
            cancellationToken);
        var nearId = await host.StartAsync(
            new ProxySetup(
                consul,
                [
                    "connect", "proxy", address, "-service", "bench", "-log-level", "warn",
                    "-upstream", string.Create(CultureInfo.InvariantCulture, $"{service}:{near}"),
                ],
                Stop: null, near),
            cancellationToken);
        var version = usesHttp2 ? "HTTP/2" : "HTTP/1.1";
        return new MtlsRow(
            name,
            $"{version} > bytes in mTLS > {version}",
            new MtlsClientSetup($"http://127.0.0.1:{near}/item", usesHttp2, null, null, [server.ProcessId], [nearId, farId]));
    }

    private static string Text(int port) => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
}
