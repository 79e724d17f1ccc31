namespace Mesh.Client.Security;

/// <summary>
/// Who came to this process's door in the last 24 hours and would be refused if it were stricter: what the desk lists
/// before somebody turns the key. Bounded in size; written by the inbound half, read by reports and <c>/mesh</c>.
/// </summary>
internal sealed class DoorLedger(TimeProvider time)
{
    /// <summary>A request came in plaintext: it would not under <c>inbound.tls: strict</c>.</summary>
    /// <param name="caller">The service it says it is, or its address; never trusted.</param>
    public void Plaintext(string caller) => throw new NotImplementedException(time + caller);

    /// <summary>A request was allowed that would be denied if the rule were enforced.</summary>
    /// <param name="caller">The caller's verified service, else as for <see cref="Plaintext"/>.</param>
    /// <param name="rule">The rule's name, or <c>intention</c>.</param>
    public void WouldDeny(string caller, string rule) => throw new NotImplementedException(time + caller + rule);
}
