namespace Mesh.Consul;

/// <summary>
/// Who may, or may not, call a service. It has either an <see cref="Action"/> or <see cref="Permissions"/>, which Consul
/// has since 1.9.
/// </summary>
public sealed record Intention
{
    /// <summary>The name that stands for every service, and for every namespace.</summary>
    public const string Wildcard = "*";

    /// <summary>The namespace, and the partition, of a Consul that has only one.</summary>
    public const string Default = "default";

    /// <summary>The calling service, or <see cref="Wildcard"/>.</summary>
    public string SourceName { get; init => field = value ?? ""; } = "";

    /// <summary>The caller's namespace, or <see cref="Wildcard"/>.</summary>
    public string SourceNamespace { get; init => field = value ?? Default; } = Default;

    /// <summary>The caller's partition.</summary>
    public string SourcePartition { get; init => field = value ?? Default; } = Default;

    /// <summary>The cluster peering through which the caller is known; <see langword="null"/> for one of this cluster.</summary>
    public string? SourcePeer { get; init; }

    /// <summary>The group of partitions and peers that the caller is of; <see langword="null"/> mostly.</summary>
    public string? SourceSamenessGroup { get; init; }

    /// <summary>The service called, or <see cref="Wildcard"/>.</summary>
    public string DestinationName { get; init => field = value ?? ""; } = "";

    /// <summary>Its namespace, or <see cref="Wildcard"/>.</summary>
    public string DestinationNamespace { get; init => field = value ?? Default; } = Default;

    /// <summary>The verdict, when there are no <see cref="Permissions"/>.</summary>
    public IntentionAction Action { get; init; }

    /// <summary>In order, the first one that matches a request decides; none does: the registry's default.</summary>
    public IReadOnlyList<IntentionPermission> Permissions { get; init => field = value ?? []; } = [];

    /// <summary>
    /// Token providers, of one of which the request must bring a token; <see langword="null"/> asks for none.
    /// </summary>
    public IReadOnlyList<IntentionTokenProvider>? TokenProviders { get; init; }

    /// <summary>When it was last changed.</summary>
    public ulong ModifyIndex { get; init; }
}
