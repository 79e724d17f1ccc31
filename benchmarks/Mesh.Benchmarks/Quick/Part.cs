namespace Mesh.Benchmarks.Quick;

/// <summary>What one part costs by itself.</summary>
internal sealed record Part(string Title, string Cost);
