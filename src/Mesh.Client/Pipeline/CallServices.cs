using Mesh.Client.Attempts;
using Mesh.Client.Telemetry;

namespace Mesh.Client.Pipeline;

/// <summary>What all calls of the process share.</summary>
/// <param name="Time">The clock.</param>
/// <param name="Random">Draws subsets and pauses; safe for concurrent use.</param>
/// <param name="Instruments">Where calls are measured.</param>
/// <param name="Memory">Bounds what bodies are kept for retries.</param>
/// <param name="Caller">This process's service, as members are told it.</param>
internal sealed record CallServices(
    TimeProvider Time, Random Random, MeshInstruments Instruments, ReplayMemory Memory, string Caller)
{
    private readonly BodyTerms _plain = new(Time, Idle: null, IsGrpc: false);
    private readonly BodyTerms _grpc = new(Time, Idle: null, IsGrpc: true);

    /// <summary>The terms for answers of one kind of call; shared but for routes with an idle timeout.</summary>
    public BodyTerms TermsFor(TimeSpan? idle, bool isGrpc) =>
        idle is null ? (isGrpc ? _grpc : _plain) : new BodyTerms(Time, idle, isGrpc);
}
