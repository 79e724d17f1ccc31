namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>Somebody who would be refused.</summary>
/// <param name="Caller">Of plaintext, what it calls itself or its address; never verified.</param>
/// <param name="Rule">The rule that would deny it; <see langword="null"/> for plaintext.</param>
/// <param name="Count">Requests of the last 24 hours.</param>
/// <param name="LastSeen">The last of them.</param>
internal sealed record DoorCallerView(string Caller, string? Rule, long Count, DateTimeOffset LastSeen);
