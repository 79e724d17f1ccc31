using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>A check as the agent reads it.</summary>
internal sealed class RegistrationCheckWire
{
    [JsonPropertyName("CheckID")]
    public required string CheckId { get; init; }

    public required string Name { get; init; }

    [JsonPropertyName("TTL")]
    public string? Ttl { get; init; }

    [JsonPropertyName("HTTP")]
    public string? Http { get; init; }

    public string? Interval { get; init; }

    public string? Timeout { get; init; }

    public required string Status { get; init; }

    public string? DeregisterCriticalServiceAfter { get; init; }

    public static RegistrationCheckWire From(CheckRegistration check) => new()
    {
        CheckId = check.CheckId,
        Name = check.Name,
        Ttl = Format(check.Ttl),
        Http = check.Http,
        Interval = Format(check.Interval),
        Timeout = Format(check.Timeout),
        Status = WireDefaults.Health(check.InitialStatus),
        DeregisterCriticalServiceAfter = Format(check.DeregisterCriticalServiceAfter),
    };

    private static string? Format(TimeSpan? value) => value is { } time ? GoDuration.Format(time) : null;
}
