namespace Mesh.Benchmarks.Subjects;

/// <summary>How the stub answers.</summary>
/// <param name="Suspends">After a real suspension, as a connection does; else at once.</param>
/// <param name="HasBody">With 200 bytes of body.</param>
/// <param name="IsGrpc">With a gRPC status in the trailers.</param>
/// <param name="MakesSpan">With a span of its own around the wait.</param>
internal sealed record StubShape(
    bool Suspends, bool HasBody = false, bool IsGrpc = false, bool MakesSpan = false);
