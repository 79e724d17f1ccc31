namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>What the mesh of this process is like: the answer of <c>/mesh</c>.</summary>
internal sealed record ProcessView
{
    /// <summary>The version of this answer: raised only when members change their meaning.</summary>
    public int Schema { get; init; } = 1;

    public required DateTimeOffset Now { get; init; }

    public required string Mesh { get; init; }

    public required string Service { get; init; }

    public required string Instance { get; init; }

    public required string Version { get; init; }

    public string? Zone { get; init; }

    /// <summary><c>normal</c>, or what the environment variable <c>MESH_MODE</c> says.</summary>
    public required string Mode { get; init; }

    public required bool Draining { get; init; }

    /// <summary>Requests being served, this one included; <see langword="null"/> without <c>AddServer()</c>.</summary>
    public int? RequestsInFlight { get; init; }

    /// <summary><see langword="null"/> for a process that has no identity and asks for none.</summary>
    public IdentityView? Identity { get; init; }

    /// <summary><see langword="null"/> without <c>AddServer()</c>.</summary>
    public DoorView? Door { get; init; }

    /// <summary><see langword="null"/> for a process that registers nothing.</summary>
    public RegistrationView? Registration { get; init; }

    public required RegistryView Consul { get; init; }

    public required PolicyView Policy { get; init; }

    public required IReadOnlyList<SwitchView> Switches { get; init; }

    public required RetriesView Retries { get; init; }

    public required IReadOnlyList<ClientView> Clients { get; init; }

    public required IReadOnlyList<UpstreamView> Upstreams { get; init; }

    /// <summary>Upstreams that this answer leaves out; ask for one by <c>?upstream=</c>.</summary>
    public required int UpstreamsLeftOut { get; init; }
}
