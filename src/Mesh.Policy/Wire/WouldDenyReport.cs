namespace Mesh.Policy;

/// <summary>Somebody whose requests a rule denies that is not enforced.</summary>
/// <param name="Caller">Its verified service, else as it calls itself or its address. <c>others</c> stands for many.</param>
/// <param name="Rule">The rule's name, or <c>intention</c>.</param>
/// <param name="Count">Requests of the last 24 hours.</param>
/// <param name="LastSeen">The last of them.</param>
public sealed record WouldDenyReport(string Caller, string Rule, long Count, DateTimeOffset LastSeen);
