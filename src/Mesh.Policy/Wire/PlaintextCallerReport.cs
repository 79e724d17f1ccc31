namespace Mesh.Policy;

/// <summary>Somebody who came in plaintext.</summary>
/// <param name="Caller">The service it says it is, or its address; never verified. <c>others</c> stands for many.</param>
/// <param name="Count">Requests of the last 24 hours.</param>
/// <param name="LastSeen">The last of them.</param>
public sealed record PlaintextCallerReport(string Caller, long Count, DateTimeOffset LastSeen);
