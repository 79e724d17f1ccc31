namespace Mesh.LoadBench.Herd;

/// <summary>One cold start of a herd. Times are those of the last client unless they say otherwise.</summary>
/// <param name="Ready">From the first client's start until each of them was ready, sorted.</param>
/// <param name="AgentSeconds">Processor time of the agent until all were ready.</param>
/// <param name="ClientSeconds">Processor time of all clients together until all were ready.</param>
/// <param name="Connections">The most connections to the agent that were seen.</param>
/// <param name="IdleAgent">Processors that the agent uses afterwards, while nothing happens.</param>
/// <param name="Change">From a change of one service's health until every client knew.</param>
internal sealed record HerdFinding(
    IReadOnlyList<TimeSpan> Ready,
    double AgentSeconds,
    double ClientSeconds,
    int Connections,
    double IdleAgent,
    TimeSpan Change)
{
    public TimeSpan Quantile(double share) => Ready[Math.Min((int)(Ready.Count * share), Ready.Count - 1)];
}
