using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Hosting;

/// <summary>Chooses where the identity comes from.</summary>
internal static class MeshIdentities
{
    /// <summary>The datacenter of IDs where neither configuration nor Consul names one: Consul's own default.</summary>
    private const string DefaultDatacenter = "dc1";

    /// <summary>Starts what obtains the identity; nothing where there is to be none.</summary>
    /// <param name="options">Validated.</param>
    /// <param name="self">Whose identity it is.</param>
    /// <param name="consul">Called only where Consul is used.</param>
    /// <param name="paths">How IDs name services.</param>
    /// <param name="instruments">For its metrics.</param>
    /// <param name="time">The clock.</param>
    /// <param name="random">When to renew.</param>
    /// <param name="logger">Hears of it.</param>
    public static IMeshIdentity Start(
        MeshOptions options, MeshSelf self, Func<ConsulClient> consul, IdentityPaths paths, MeshInstruments instruments,
        TimeProvider time, Random random, ILogger<IMeshIdentity> logger)
    {
        var identity = options.Identity;
        var source = Resolve(options);
        IIdentitySource? from = source switch
        {
            MeshIdentitySource.Files => new FileIdentitySource(identity, time),
            MeshIdentitySource.Consul => new ConsulIdentitySource(consul(), self.Service, time, random),
            MeshIdentitySource.Development => new DevelopmentIdentitySource(
                identity.DevelopmentFolder ?? DefaultFolder(), self.Mesh, self.Service, Datacenter(options, consul), paths, time,
                random, logger),
            _ => null,
        };
        if (from is null)
        {
            return new NoIdentity();
        }

        // Nobody asked for Consul's: that it has none to give is no defect.
        var isExpected = source != MeshIdentitySource.Consul || identity.Source == MeshIdentitySource.Consul;
        var keeper = new IdentityKeeper(from, isExpected, time, instruments, logger);
        keeper.Start(random);
        return keeper;
    }

    /// <summary>What <see cref="MeshIdentitySource.Auto"/> comes to.</summary>
    public static MeshIdentitySource Resolve(MeshOptions options) => options.Identity switch
    {
        { Source: not MeshIdentitySource.Auto } chosen => chosen.Source,
        { CertificateFile: not null } => MeshIdentitySource.Files,
        _ => options.Discovery.UseConsul ? MeshIdentitySource.Consul : MeshIdentitySource.None,
    };

    private static Func<CancellationToken, Task<string>> Datacenter(MeshOptions options, Func<ConsulClient> consul) =>
        options.Discovery.UseConsul
            ? new LocalDatacenter(consul(), options.Consul.Datacenter).FindAsync
            : _ => Task.FromResult(options.Consul.Datacenter ?? DefaultDatacenter);

    private static string DefaultFolder() => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create),
        "mesh",
        "development");
}
