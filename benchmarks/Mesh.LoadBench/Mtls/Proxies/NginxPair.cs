using Mesh.LoadBench.Mtls.Roles;

namespace Mesh.LoadBench.Mtls.Proxies;

/// <summary>nginx on both sides: two workers, kept connections upstream, no access log, nothing of a mesh.</summary>
internal static class NginxPair
{
    private const string Wire = "HTTP/1.1 > HTTP/1.1 in mTLS > HTTP/1.1";

    /// <summary>The version of nginx on this machine, or <see langword="null"/>.</summary>
    public static async Task<string?> VersionAsync(CancellationToken cancellationToken) =>
        ProxyHost.Find("nginx") is { } file
            ? (await ProxyHost.VersionAsync(file, "-v", cancellationToken)).Split('/')[^1].Split(' ')[0]
            : null;

    public static async Task<MtlsRow> StartAsync(
        ProxyHost host, BenchCertificates certificates, MtlsServerPorts server, CancellationToken cancellationToken)
    {
        if (ProxyHost.Find("nginx") is not { } nginx)
        {
            return new MtlsRow(MtlsRow.Nginx, Wire, null, "not installed: no nginx on PATH");
        }

        var (near, far) = (ProxyHost.FreePort(), ProxyHost.FreePort());
        var farId = await StartOneAsync(host, nginx, far,
            $$"""
            upstream next { server 127.0.0.1:{{server.Http1}}; keepalive 128; keepalive_requests 1000000000; }
            server {
              listen 127.0.0.1:{{far}} ssl;
              ssl_certificate {{certificates.Server}};
              ssl_certificate_key {{certificates.Server}};
              ssl_client_certificate {{certificates.Root}};
              ssl_verify_client on;
              ssl_protocols TLSv1.2 TLSv1.3;
              location / { proxy_pass http://next; proxy_http_version 1.1; proxy_set_header Connection ""; }
            }
            """,
            cancellationToken);
        var nearId = await StartOneAsync(host, nginx, near,
            $$"""
            upstream next { server 127.0.0.1:{{far}}; keepalive 128; keepalive_requests 1000000000; }
            server {
              listen 127.0.0.1:{{near}};
              location / {
                proxy_pass https://next; proxy_http_version 1.1; proxy_set_header Connection "";
                proxy_ssl_certificate {{certificates.Client}};
                proxy_ssl_certificate_key {{certificates.Client}};
                proxy_ssl_trusted_certificate {{certificates.Root}};
                proxy_ssl_verify on;
                proxy_ssl_name {{BenchCertificates.Name}};
                proxy_ssl_server_name on;
                proxy_ssl_protocols TLSv1.2 TLSv1.3;
              }
            }
            """,
            cancellationToken);
        return new MtlsRow(MtlsRow.Nginx, Wire, new MtlsClientSetup(
            $"http://127.0.0.1:{near}/item", false, null, null, [server.ProcessId], [nearId, farId]));
    }

    /// <summary>What nginx cannot do is a row as well.</summary>
    public static async Task<MtlsRow> Http2Async(CancellationToken cancellationToken)
    {
        var version = await VersionAsync(cancellationToken);
        return new MtlsRow(
            MtlsRow.Nginx2, "HTTP/1.1 > HTTP/2 in mTLS > HTTP/1.1", null, version is null
                ? "not installed: no nginx on PATH"
                : $"nginx {version} cannot: its proxy module speaks HTTP/1.x to upstreams");
    }

    private static async Task<int> StartOneAsync(
        ProxyHost host, string nginx, int port, string servers, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateDirectory(Path.Combine(host.Folder, $"nginx-{port}")).FullName;
        var file = Path.Combine(folder, "nginx.conf");
        await File.WriteAllTextAsync(
            file,
            $$"""
            worker_processes 2;
            daemon off;
            pid {{folder}}/nginx.pid;
            error_log {{folder}}/error.log;
            events { worker_connections 4096; }
            http {
              access_log off;
              keepalive_requests 1000000000;
              keepalive_timeout 1h;
              client_body_temp_path {{folder}}/body;
              proxy_temp_path {{folder}}/proxy;
              fastcgi_temp_path {{folder}}/fastcgi;
              uwsgi_temp_path {{folder}}/uwsgi;
              scgi_temp_path {{folder}}/scgi;
              {{servers}}
            }

            """,
            cancellationToken);
        string[] run = ["-p", folder, "-c", file];
        return await host.StartAsync(new ProxySetup(nginx, run, [.. run, "-s", "stop"], port), cancellationToken);
    }
}
