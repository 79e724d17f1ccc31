using System.Text.Json;
using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>A leaf as Consul writes it.</summary>
internal sealed class ConnectLeafWire
{
    [JsonPropertyName("CertPEM")]
    public string? CertificatePem { get; set; }

    [JsonPropertyName("PrivateKeyPEM")]
    public string? PrivateKeyPem { get; set; }

    [JsonPropertyName("ServiceURI")]
    public string? ServiceUri { get; set; }

    /// <exception cref="JsonException">Something is missing.</exception>
    public static ConnectLeaf ToModel(ConnectLeafWire? wire) =>
        wire is { CertificatePem.Length: > 0, PrivateKeyPem.Length: > 0 }
            ? new ConnectLeaf
            {
                CertificatePem = wire.CertificatePem,
                PrivateKeyPem = wire.PrivateKeyPem,
                ServiceUri = wire.ServiceUri ?? "",
            }
            : throw new JsonException("The leaf has no certificate or no key.");
}
