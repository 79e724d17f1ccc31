using Mesh.Client.Pipeline;

namespace Mesh.Client.Hosting;

/// <summary>What the mesh made of one HttpClient.</summary>
/// <param name="Name">The factory's name for it; empty for the default client.</param>
/// <param name="Settings">How it uses the mesh; <see langword="null"/> when it is not meshed.</param>
/// <param name="Reason">Why it is not meshed, or why its retries are off.</param>
internal sealed record MeshClientSight(string Name, ClientSettings? Settings, string? Reason);
