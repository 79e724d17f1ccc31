namespace Mesh.Client.Hosting;

/// <summary>What the application said about one client of the factory; named options by the client's name.</summary>
internal sealed class MeshClientOptions
{
    /// <summary>Said about all clients, in <c>ConfigureHttpClientDefaults</c>.</summary>
    public MeshClientMode Default { get; set; }

    /// <summary>Said about this client; stronger, in whatever order the two were said.</summary>
    public MeshClientMode? Own { get; set; }

    public MeshClientMode Mode => Own ?? Default;
}
