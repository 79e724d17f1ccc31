using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>A registration as the agent reads it.</summary>
internal sealed class RegistrationWire
{
    [JsonPropertyName("ID")]
    public required string Id { get; init; }

    public required string Name { get; init; }

    public string? Address { get; init; }

    public required int Port { get; init; }

    public required string[] Tags { get; init; }

    public required Dictionary<string, string> Meta { get; init; }

    public required WeightsWire Weights { get; init; }

    public required RegistrationCheckWire[] Checks { get; init; }

    public RegistrationConnectWire? Connect { get; init; }

    public static RegistrationWire From(ServiceRegistration registration) => new()
    {
        Id = registration.Id,
        Name = registration.Name,
        Address = registration.Address,
        Port = registration.Port,
        Tags = [.. registration.Tags],
        Meta = new Dictionary<string, string>(registration.Meta),
        Weights = new WeightsWire { Passing = registration.Weights.Passing, Warning = registration.Weights.Warning },
        Connect = registration.ConnectNative ? new RegistrationConnectWire { Native = true } : null,
        Checks = [.. registration.Checks.Select(RegistrationCheckWire.From)],
    };
}
