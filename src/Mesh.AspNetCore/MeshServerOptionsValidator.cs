using System.Buffers;
using Mesh.AspNetCore.Registering;
using Mesh.Client;
using Microsoft.Extensions.Options;

namespace Mesh.AspNetCore;

/// <summary>Finds every problem of the settings at once; each names its key, the value and what to do.</summary>
internal sealed class MeshServerOptionsValidator : IValidateOptions<MeshServerOptions>
{
    // Consul's own limits; beyond them it refuses the registration long after the process has started.
    private const int MaxKeyLength = 128;
    private const int MaxValueLength = 512;
    private const int MaxPairs = 64;
    private const int MaxWeight = 65535;

    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_");

    public ValidateOptionsResult Validate(string? name, MeshServerOptions options)
    {
        var problems = new List<string>(options.Unreadable);
        CheckIdentity(options, problems);
        CheckMetadata(options.Metadata, problems);
        CheckPeers(options.Peers, problems);
        CheckTimes(options, problems);
        Range(options.Weights.Passing, 1, MaxWeight, "Weights:Passing", problems);
        Range(options.Weights.Warning, 0, MaxWeight, "Weights:Warning", problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void CheckIdentity(MeshServerOptions options, List<string> problems)
    {
        if (!Enum.IsDefined(options.Registration))
        {
            problems.Add($"Mesh:Server:Registration is {options.Registration}; use Self or External.");
        }

        if (!Enum.IsDefined(options.Check))
        {
            problems.Add($"Mesh:Server:Check is {options.Check}; use Ttl or Http.");
        }

        if (options.InstanceId is { } id && string.IsNullOrWhiteSpace(id))
        {
            problems.Add("Mesh:Server:InstanceId is blank; leave it out to find the instance by name and address.");
        }

        if (options.InstanceId is not null && options.Registration == MeshRegistration.Self)
        {
            problems.Add("Mesh:Server:InstanceId is for Registration External; a process that registers itself is " +
                         "named by Mesh:Instance.");
        }

        if (options.Address is { } address && !PublishedAddress.TryParse(address, out _))
        {
            problems.Add($"Mesh:Server:Address is '{address}'; use a host or address, or host:port, without a scheme " +
                         "or path. A wildcard cannot be dialled.");
        }

        foreach (var port in options.PlainPorts)
        {
            Range(port, 1, ushort.MaxValue, "PlainPorts", problems);
        }

        if (!options.CheckPath.StartsWith('/'))
        {
            problems.Add($"Mesh:Server:CheckPath is '{options.CheckPath}'; it must start with '/'.");
        }

        if (options.Tags.Any(string.IsNullOrWhiteSpace))
        {
            problems.Add("Mesh:Server:Tags has a blank tag; remove it.");
        }
    }

    private static void CheckMetadata(IDictionary<string, string> metadata, List<string> problems)
    {
        var most = MaxPairs - RegistrationFactory.OwnMetadata.Count;
        if (metadata.Count > most)
        {
            problems.Add($"Mesh:Server:Metadata has {metadata.Count} pairs; Consul allows {MaxPairs} and the mesh " +
                         $"needs {RegistrationFactory.OwnMetadata.Count}, so at most {most} are left.");
        }

        foreach (var (key, value) in metadata)
        {
            var where = $"Mesh:Server:Metadata:{key}";
            if (key.Length is 0 or > MaxKeyLength || key.AsSpan().ContainsAnyExcept(KeyCharacters))
            {
                problems.Add($"{where}: a key has 1 to {MaxKeyLength} letters, digits, '-' or '_'.");
            }

            if (key.StartsWith("consul-", StringComparison.OrdinalIgnoreCase) ||
                key.StartsWith("mesh-", StringComparison.OrdinalIgnoreCase))
            {
                problems.Add($"{where}: keys that start with 'consul-' or 'mesh-' are reserved; choose another.");
            }
            else if (RegistrationFactory.OwnMetadata.Contains(key))
            {
                problems.Add($"{where}: set Mesh:{char.ToUpperInvariant(key[0])}{key[1..]} instead.");
            }

            if (value is null || value.Length > MaxValueLength)
            {
                problems.Add($"{where} has {value?.Length ?? 0} characters; a value has up to {MaxValueLength}.");
            }
        }
    }

    private static void CheckPeers(IDictionary<string, string> peers, List<string> problems)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, trustDomain) in peers)
        {
            if (!SpiffeId.TryParse($"spiffe://{trustDomain}/any", out _))
            {
                problems.Add(
                    $"Mesh:Server:Peers:{name} is '{trustDomain}'; a trust domain has lower-case letters, digits, '.', '-' and " +
                    "'_', e.g. 11111111-2222-3333-4444-555555555555.consul.");
            }
            else if (!seen.Add(trustDomain))
            {
                problems.Add($"Mesh:Server:Peers:{name}: another peer has the trust domain '{trustDomain}' already.");
            }
        }
    }

    private static void CheckTimes(MeshServerOptions options, List<string> problems)
    {
        Range(options.Ttl, TimeSpan.FromSeconds(3), TimeSpan.FromMinutes(10), "Ttl", problems);
        Range(options.Heartbeat, TimeSpan.FromSeconds(1), options.Ttl / 2, "Heartbeat", problems);
        Range(options.CheckInterval, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(10), "CheckInterval", problems);
        Range(options.CheckTimeout, TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), "CheckTimeout", problems);
        Range(
            options.DeregisterTimeout,
            TimeSpan.FromMilliseconds(100), TimeSpan.FromMinutes(1), "DeregisterTimeout", problems);
        if (options.DrainDelay is { } drain)
        {
            Range(drain, TimeSpan.Zero, TimeSpan.FromMinutes(5), "DrainDelay", problems);
        }

        if (options.DeregisterCriticalServiceAfter is { } after && after < TimeSpan.FromMinutes(1))
        {
            problems.Add($"Mesh:Server:DeregisterCriticalServiceAfter is {after}; Consul's least is 00:01:00.");
        }
    }

    private static void Range<T>(T value, T least, T most, string key, List<string> problems)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            problems.Add($"Mesh:Server:{key} is {value}; use {least} to {most}.");
        }
    }
}
