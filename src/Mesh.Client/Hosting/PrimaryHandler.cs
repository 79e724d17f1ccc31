using System.Security.Authentication;
using Mesh.Client.Pipeline;
using Mesh.Client.Transport;

namespace Mesh.Client.Hosting;

/// <summary>Reads what the mesh needs to know of a client's own primary handler.</summary>
internal static class PrimaryHandler
{
    /// <summary>What grpc-dotnet looks at: with it, the channel leaves the choice of a connection to the handler.</summary>
    private const string GrpcBalancerOff = "__GrpcLoadBalancingDisabled";

    /// <summary>
    /// What of this handler the mesh could not honour, so that replacing its connections would change what the application
    /// relies on; <see langword="null"/> when there is nothing.
    /// </summary>
    public static string? Obstacle(HttpMessageHandler handler) => handler switch
    {
        SocketsHttpHandler sockets => Obstacle(sockets),
        // A derived type may override what sending means, so only the platform's own is taken.
        HttpClientHandler client when client.GetType() == typeof(HttpClientHandler) => Obstacle(client),
        _ => $"its primary handler is a {handler.GetType()}",
    };

    /// <summary>How a client over this handler is meshed. Other kinds of handlers have nothing to honour.</summary>
    public static ClientSettings Settings(string name, HttpMessageHandler handler, bool retriesOff)
    {
        var settings = new ClientSettings { Name = name, RetriesOff = retriesOff };
        return handler switch
        {
            SocketsHttpHandler sockets => settings with
            {
                Profile = ClientProfile.Of(sockets.AutomaticDecompression, sockets.MaxResponseHeadersLength),
                MaxRedirects = sockets.AllowAutoRedirect ? sockets.MaxAutomaticRedirections : 0,
            },
            HttpClientHandler client => settings with
            {
                Profile = ClientProfile.Of(client.AutomaticDecompression, client.MaxResponseHeadersLength),
                MaxRedirects = client.AllowAutoRedirect ? client.MaxAutomaticRedirections : 0,
            },
            _ => settings,
        };
    }

    /// <summary>
    /// Without this a gRPC channel over a <see cref="SocketsHttpHandler"/> dials the logical name itself, and fails
    /// before the mesh is asked.
    /// </summary>
    public static void TurnGrpcBalancerOff(HttpMessageHandler handler)
    {
        if (handler is SocketsHttpHandler sockets)
        {
            sockets.Properties[GrpcBalancerOff] = true;
        }
    }

    private static string? Obstacle(SocketsHttpHandler handler)
    {
        var tls = handler.SslOptions;
        return handler switch
        {
            { ConnectCallback: not null } => "its primary handler has a ConnectCallback",
            { RequestHeaderEncodingSelector: not null } or { ResponseHeaderEncodingSelector: not null } =>
                "its primary handler has header encodings of its own",
            { PlaintextStreamFilter: not null } => "its primary handler has a PlaintextStreamFilter",
            { Credentials: not null } => "its primary handler has Credentials",
            { UseProxy: true, Proxy: not null } => "its primary handler has a Proxy",
            _ when tls.ClientCertificates is { Count: > 0 } || tls.LocalCertificateSelectionCallback is not null ||
                   tls.ClientCertificateContext is not null => "its primary handler has client certificates",
            _ when tls.RemoteCertificateValidationCallback is not null || tls.CertificateChainPolicy is not null ||
                   tls.TargetHost is not null || tls.EnabledSslProtocols != SslProtocols.None =>
                "its primary handler has TLS settings of its own",
            _ => null,
        };
    }

    private static string? Obstacle(HttpClientHandler handler) => handler switch
    {
        { Credentials: not null } => "its primary handler has Credentials",
        { UseProxy: true, Proxy: not null } => "its primary handler has a Proxy",
        { ClientCertificateOptions: ClientCertificateOption.Automatic } or { ClientCertificates.Count: > 0 } =>
            "its primary handler has client certificates",
        _ when handler.ServerCertificateCustomValidationCallback is not null ||
               handler.CheckCertificateRevocationList || handler.SslProtocols != SslProtocols.None =>
            "its primary handler has TLS settings of its own",
        _ => null,
    };
}
