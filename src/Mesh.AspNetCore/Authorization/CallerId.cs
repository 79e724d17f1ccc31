using Mesh.Client;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Who calls, as the certificate says it: nothing of it comes from a header. The trust domain is part of the name: a
/// service of another domain is another service. An ID that has not Consul's shape means what the process's own settings
/// say, and these know no namespaces.
/// </summary>
internal readonly ref struct CallerId
{
    private const string DefaultName = Consul.Intention.Default;

    private CallerId(SpiffeId id, string? service)
    {
        IsIdentified = true;
        Id = id;
        MeshName = service;
        Service = service;
        Partition = DefaultName;
        Namespace = DefaultName;
        ReadOnlySpan<char> path = id.Path;
        var partition = Take(ref path, "/ap/");
        var space = Take(ref path, "/ns/");
        var datacenter = Take(ref path, "/dc/");
        var name = Take(ref path, "/svc/");
        if (!space.IsEmpty && !datacenter.IsEmpty && !name.IsEmpty && path.IsEmpty)
        {
            Partition = partition.IsEmpty ? DefaultName : partition;
            Namespace = space;
            Service = name;
        }
    }

    /// <summary>False: nobody proved anything, and the rest is empty.</summary>
    public bool IsIdentified { get; }

    public SpiffeId? Id { get; }

    /// <summary>
    /// The service as this mesh's own settings read the ID; <see langword="null"/> for one of another trust domain or namespace.
    /// </summary>
    public string? MeshName { get; }

    /// <summary>The service as Consul reads the ID; empty when it names none.</summary>
    public ReadOnlySpan<char> Service { get; }

    public ReadOnlySpan<char> Namespace { get; }

    public ReadOnlySpan<char> Partition { get; }

    public static CallerId Of(IMeshPeerFeature? peer) => peer is null ? default : new CallerId(peer.Id, peer.Service);

    /// <summary>The segment after a prefix, which is taken off; empty when the path does not begin so.</summary>
    private static ReadOnlySpan<char> Take(scoped ref ReadOnlySpan<char> path, string prefix)
    {
        if (!path.StartsWith(prefix, StringComparison.Ordinal))
        {
            return default;
        }

        var rest = path[prefix.Length..];
        var end = rest.IndexOf('/');
        path = end < 0 ? default : rest[end..];
        return end < 0 ? rest : rest[..end];
    }
}
