using System.Net;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Registering;

/// <summary>A TCP port on which the server listens.</summary>
/// <param name="Host">As the server reports it: an address, <c>localhost</c>, or a name or <c>*</c> that stand for
/// any.</param>
/// <param name="Port">The real port.</param>
/// <param name="IsHttps">TLS is spoken.</param>
internal sealed record Listener(string Host, int Port, bool IsHttps)
{
    /// <summary>The address it is bound to, when that is one that can be dialled.</summary>
    public IPAddress? Specific => Host switch
    {
        // Kestrel binds both loopback addresses; everybody can dial the IPv4 one.
        "localhost" => IPAddress.Loopback,
        "0.0.0.0" or "::" => null,
        _ => IPAddress.TryParse(Host, out var ip) ? ip : null,
    };

    /// <summary>Bound to all IPv4 addresses and no IPv6 one.</summary>
    public bool IsIPv4Only => Host == "0.0.0.0";

    /// <summary>Where this process itself reaches it.</summary>
    public IPEndPoint Local => new(Specific ?? IPAddress.Loopback, Port);

    /// <summary>The TCP ports among a server's addresses, in its order.</summary>
    public static IReadOnlyList<Listener> Parse(IEnumerable<string> addresses)
    {
        var listeners = new List<Listener>();
        foreach (var text in addresses)
        {
            var address = BindingAddress.Parse(text);
            if (!address.IsUnixPipe && !address.IsNamedPipe && address.Port > 0)
            {
                var https = string.Equals(address.Scheme, "https", StringComparison.OrdinalIgnoreCase);
                listeners.Add(new Listener(address.Host.Trim('[', ']'), address.Port, https));
            }
        }

        return listeners;
    }

    /// <summary>A listener for those who have no certificate, <see langword="null"/> when there is none.</summary>
    public Listener? Plain { get; init; }

    /// <summary>
    /// The listener to register: the one an operator named by its port, else the first without TLS, else the first.
    /// </summary>
    public static Listener Choose(IReadOnlyList<Listener> listeners, int? port) =>
        listeners.FirstOrDefault(l => l.Port == port) ?? listeners.FirstOrDefault(l => !l.IsHttps) ?? listeners[0];

    public override string ToString() => $"{(IsHttps ? "https" : "http")}://{Host}:{Port}";
}
