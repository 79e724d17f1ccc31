namespace Mesh.Consul;

/// <summary>
/// Where Consul is and how to speak to it. Unset values come from Consul's own environment variables.
/// </summary>
public sealed class ConsulClientOptions
{
    /// <summary>
    /// The agent: <c>http://host:port</c>, <c>https://host:port</c>, <c>host:port</c> or <c>unix:///path</c>. Default
    /// <c>CONSUL_HTTP_ADDR</c> (https when <c>CONSUL_HTTP_SSL</c> is true), else <c>http://127.0.0.1:8500</c>.
    /// </summary>
    public string? Address { get; set; }

    /// <summary>The token sent as <c>X-Consul-Token</c>. Default <c>CONSUL_HTTP_TOKEN</c>.</summary>
    public string? Token { get; set; }

    /// <summary>A file holding the token, read again when it changes. Default <c>CONSUL_HTTP_TOKEN_FILE</c>.</summary>
    public string? TokenFile { get; set; }

    /// <summary>The datacenter asked when a query names none.</summary>
    public string? Datacenter { get; set; }

    /// <summary>A PEM file of trusted roots. Default <c>CONSUL_CACERT</c>.</summary>
    public string? CaFile { get; set; }

    /// <summary>A folder of PEM files of trusted roots. Default <c>CONSUL_CAPATH</c>.</summary>
    public string? CaPath { get; set; }

    /// <summary>A PEM client certificate. Default <c>CONSUL_CLIENT_CERT</c>.</summary>
    public string? ClientCertFile { get; set; }

    /// <summary>Its PEM private key. Default <c>CONSUL_CLIENT_KEY</c>.</summary>
    public string? ClientKeyFile { get; set; }

    /// <summary>The name expected in the agent's certificate. Default <c>CONSUL_TLS_SERVER_NAME</c>.</summary>
    public string? TlsServerName { get; set; }

    /// <summary>False accepts any certificate of the agent. Default <c>CONSUL_HTTP_SSL_VERIFY</c>, else true.</summary>
    public bool? SslVerify { get; set; }

    /// <summary><c>user:password</c> for a proxy in front of the agent. Default <c>CONSUL_HTTP_AUTH</c>.</summary>
    public string? HttpAuth { get; set; }

    /// <summary>
    /// Blocking queries open at once, 1 to 100, default 16; an agent allows 200 connections per client address and
    /// resets the rest.
    /// </summary>
    public int MaxBlockingQueries { get; set; } = 16;
}
