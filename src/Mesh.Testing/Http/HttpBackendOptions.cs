using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;

namespace Mesh.Testing;

/// <summary>How an <see cref="HttpBackend"/> is started.</summary>
public sealed class HttpBackendOptions
{
    /// <summary>What the backend is called, and answers by default. Default: <c>backend</c>.</summary>
    public string Name { get; set; } = "backend";

    /// <summary>
    /// What it speaks: <see cref="HttpProtocols.Http1"/>, <see cref="HttpProtocols.Http2"/> (with prior knowledge when
    /// there is no certificate), or both: on one port with a certificate; without one on two, because only TLS lets a
    /// client and a server agree (see <see cref="HttpBackend.Http2Address"/>). Default: HTTP/1.1.
    /// </summary>
    public HttpProtocols Protocols { get; set; } = HttpProtocols.Http1;

    /// <summary>
    /// The loopback port, 0 for a free one. With two ports the HTTP/1.1 one; the other is always free. Default: 0.
    /// </summary>
    public int Port { get; set; }

    /// <summary>Serves HTTPS with this certificate. Default: plaintext.</summary>
    public X509Certificate2? Certificate { get; set; }

    /// <summary>How many of the last requests are remembered; at least 1. Default: 1,000.</summary>
    public int MaxRecordedRequests { get; set; } = 1_000;

    /// <summary>How many bytes of each request's body are remembered; not negative. Default: 1 MiB.</summary>
    public int MaxRecordedBody { get; set; } = 1024 * 1024;

    /// <summary>The clock that delays use. Default: the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Changes Kestrel's own options, after ours. Default: nothing.</summary>
    public Action<KestrelServerOptions>? ConfigureKestrel { get; set; }

    internal HttpBackendOptions Copy() => (HttpBackendOptions)MemberwiseClone();

    internal void Validate()
    {
        if (Protocols is not (HttpProtocols.Http1 or HttpProtocols.Http2 or HttpProtocols.Http1AndHttp2))
        {
            throw new ArgumentException($"Protocols is {Protocols}; Http1, Http2 or Http1AndHttp2 is supported.");
        }

        if (Port is < 0 or > 65535 || MaxRecordedRequests < 1 || MaxRecordedBody < 0)
        {
            throw new ArgumentException(
                $"Port ({Port}) must be 0 to 65535, MaxRecordedRequests ({MaxRecordedRequests}) at least 1 and " +
                $"MaxRecordedBody ({MaxRecordedBody}) not negative.");
        }
    }
}
