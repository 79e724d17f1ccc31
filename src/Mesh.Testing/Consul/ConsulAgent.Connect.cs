using System.Security.Cryptography;
using System.Text.Json;

namespace Mesh.Testing;

public sealed partial class ConsulAgent
{
    private const string AuthorityPath = "/v1/connect/ca/configuration";

    /// <summary>
    /// Gives Connect's authority a new key, and so a new root. The old root stays trusted beside it, and the agent issues
    /// the leaves that are watched anew within half a minute. Needs <see cref="ConsulAgentOptions.Connect"/>.
    /// </summary>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <exception cref="InvalidOperationException">The agent runs without Connect.</exception>
    /// <exception cref="ConsulAgentException">Consul refused; the message has its words.</exception>
    public async Task RotateRootAsync(CancellationToken cancellationToken = default)
    {
        if (!_options.Connect)
        {
            throw new InvalidOperationException("The agent runs without Connect; start it with Connect = true.");
        }

        var now = await _api.DoAsync(HttpMethod.Get, AuthorityPath, null, cancellationToken).ConfigureAwait(false);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        await _api.DoAsync(HttpMethod.Put, AuthorityPath, Changed(now, key.ExportECPrivateKeyPem()), cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>The configuration with another key; the root is the authority's to make.</summary>
    private static string Changed(JsonElement configuration, string key)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("Provider", configuration.GetProperty("Provider").GetString());
            json.WriteStartObject("Config");
            foreach (var setting in configuration.GetProperty("Config").EnumerateObject())
            {
                if (setting.Name is not ("PrivateKey" or "RootCert"))
                {
                    setting.WriteTo(json);
                }
            }

            json.WriteString("PrivateKey", key + "\n");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}
