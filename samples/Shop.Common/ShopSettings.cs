using Microsoft.Extensions.Configuration;

namespace Shop.Common;

/// <summary>What the host tells each process (section <c>Shop</c>).</summary>
public sealed record ShopSettings
{
    /// <summary>Where logs, statistics and ledgers go.</summary>
    public required string Folder { get; init; }

    public required string Service { get; init; }

    public required string Instance { get; init; }

    public required int Seed { get; init; }

    /// <summary>Sent in a header of every call, for whoever reads the wire to look for.</summary>
    public string? Canary { get; init; }

    /// <summary>With <c>--without mesh</c>: the endpoints plain HttpClients call, by service.</summary>
    public IReadOnlyDictionary<string, string[]>? StaticEndpoints { get; init; }

    public static ShopSettings Read(IConfiguration configuration)
    {
        var service = configuration["Mesh:Service"] ?? AppDomain.CurrentDomain.FriendlyName.ToLowerInvariant();
        var endpoints = configuration.GetSection("Shop:StaticEndpoints").GetChildren()
            .ToDictionary(c => c.Key, c => c.Value!.Split(','), StringComparer.OrdinalIgnoreCase);
        return new ShopSettings
        {
            Folder = configuration["Shop:Folder"] ?? Path.Combine(Path.GetTempPath(), "mesh-shop"),
            Service = service,
            Instance = configuration["Mesh:Instance"] ?? service,
            Seed = int.TryParse(configuration["Shop:Seed"], out var seed) ? seed : 1,
            Canary = configuration["Shop:Canary"],
            StaticEndpoints = endpoints.Count > 0 ? endpoints : null,
        };
    }
}
