using Mesh.Consul;

namespace Mesh.AspNetCore.Authorization;

/// <summary>What the watch knows, as of one moment. Immutable.</summary>
/// <param name="Intentions">Those in force.</param>
/// <param name="DefaultAllows">The registry's default; <see langword="null"/> while nobody could say.</param>
/// <param name="IsFromSnapshot">An earlier run knew it, and the registry has not answered yet.</param>
/// <param name="Orphans">How many of the intentions have vanished in a way that is not believed.</param>
internal sealed record IntentionView(
    IReadOnlyCollection<Intention> Intentions, bool? DefaultAllows, bool IsFromSnapshot, int Orphans);
