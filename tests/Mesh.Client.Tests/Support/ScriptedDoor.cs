using Mesh.Client.Policies;
using Mesh.Policy;

namespace Mesh.Client.Tests.Support;

/// <summary>A door that says what it is told.</summary>
internal sealed class ScriptedDoor(TimeProvider time) : IDoorSight
{
    private volatile InboundReport _report = new()
    {
        Tls = "permissive", Intentions = "shadow", Since = time.GetUtcNow(),
    };

    public InboundReport Look() => _report;

    public void Plaintext(string caller) => _report = _report with
    {
        Plaintext = [.. _report.Plaintext, new PlaintextCallerReport(caller, 1, time.GetUtcNow())],
    };

    public void WouldDeny(string caller, string rule) => _report = _report with
    {
        WouldDeny = [.. _report.WouldDeny, new WouldDenyReport(caller, rule, 1, time.GetUtcNow())],
    };
}
