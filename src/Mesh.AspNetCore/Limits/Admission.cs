namespace Mesh.AspNetCore.Limits;

/// <summary>
/// One request's place among those that run, until its response begins: what streams (server-sent events, WebSockets,
/// downloads, gRPC streams that have answered) is no longer work that others wait for.
/// </summary>
/// <param name="gate">Where it was admitted.</param>
/// <param name="cohort">Those admitted at about the same time.</param>
/// <param name="started">Timestamp.</param>
/// <param name="isTimed">Its latency tells how busy the service is, unless it fails.</param>
internal sealed class Admission(ConcurrencyGate gate, Cohort cohort, long started, bool isTimed)
{
    private int _ended;

    public Cohort Cohort => cohort;

    public long Started => started;

    /// <summary>Gives the place back; once, whoever asks first.</summary>
    /// <param name="status">The status of the response.</param>
    public void End(int status)
    {
        if (Interlocked.Exchange(ref _ended, 1) == 0)
        {
            // Failures are quick or slow for reasons of their own.
            gate.Leave(this, isTimed && status < 400);
        }
    }
}
