namespace Mesh.Client.Discovery;

/// <summary>What a watch heard, by the words that metrics use.</summary>
/// <param name="Source">Who said it.</param>
/// <param name="Result">What became of it.</param>
/// <param name="At">Timestamp.</param>
internal sealed record DiscoveryNote(string Source, string Result, long At);
