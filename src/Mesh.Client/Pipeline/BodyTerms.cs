namespace Mesh.Client.Pipeline;

/// <summary>What holds for the bodies of a route's answers; made once per route and kind, shared by all of them.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Idle">Longest pause between two reads.</param>
/// <param name="IsGrpc">A gRPC status follows in the trailers.</param>
internal sealed record BodyTerms(TimeProvider Time, TimeSpan? Idle, bool IsGrpc);
