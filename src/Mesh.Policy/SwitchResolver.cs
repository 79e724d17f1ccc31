namespace Mesh.Policy;

/// <summary>Adds up the switches that concern one service's calls to another.</summary>
public static class SwitchResolver
{
    /// <summary>
    /// What the documents add up to for calls from <paramref name="caller"/> to <paramref name="service"/>: those of
    /// <c>switches/global</c>, of the service and of the caller together. Switches only ever turn off.
    /// </summary>
    /// <param name="service">The service called.</param>
    /// <param name="caller">The calling service; <see langword="null"/> when it has no name.</param>
    /// <param name="documents">Every switch document known; others than these three are skipped.</param>
    /// <param name="now">Documents whose <see cref="SwitchDocument.Until"/> is not later have no effect.</param>
    public static SwitchState Resolve(
        string service,
        string? caller,
        IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> documents,
        DateTimeOffset now)
    {
        var state = SwitchState.None;
        foreach (var (_, document) in InForce(service, caller, documents, now))
        {
            state = new SwitchState(state.Bypass || document.Bypass, state.Off | document.Off);
        }

        return state;
    }

    /// <summary>
    /// The documents behind <see cref="Resolve"/>, for whoever has to say who threw a switch and why: those that
    /// concern these calls, have not fallen back, and turn something off.
    /// </summary>
    /// <param name="service">The service called.</param>
    /// <param name="caller">The calling service; <see langword="null"/> when it has no name.</param>
    /// <param name="documents">Every switch document known.</param>
    /// <param name="now">Documents whose <see cref="SwitchDocument.Until"/> is not later have no effect.</param>
    public static IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> InForce(
        string service,
        string? caller,
        IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> documents,
        DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return documents.Where(d => Concerns(d.Key, service, caller) && IsInForce(d.Value, now));
    }

    /// <summary>
    /// When the next of the documents falls back by itself, so that a timer can be set; <see langword="null"/> when
    /// none of those in force will.
    /// </summary>
    public static DateTimeOffset? NextExpiry(
        IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> documents, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(documents);
        return documents.Select(d => d.Value.Until).Where(until => until > now).Min();
    }

    private static bool Concerns(PolicyKey key, string service, string? caller) =>
        key.Kind == PolicyDocumentKind.Switches && key.Scope switch
        {
            PolicyScope.Global => true,
            PolicyScope.Service => string.Equals(key.Name, service, StringComparison.OrdinalIgnoreCase),
            _ => string.Equals(key.Name, caller, StringComparison.OrdinalIgnoreCase),
        };

    private static bool IsInForce(SwitchDocument document, DateTimeOffset now) =>
        (document.Bypass || document.Off != Mechanisms.None) && !document.HasFallenBack(now);
}
