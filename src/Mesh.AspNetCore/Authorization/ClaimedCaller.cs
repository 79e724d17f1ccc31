namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// Whom a request without an identity says it comes from: a feature of the request, kept for lists of callers when the
/// header is taken off. Proves nothing.
/// </summary>
internal sealed record ClaimedCaller(string Name);
