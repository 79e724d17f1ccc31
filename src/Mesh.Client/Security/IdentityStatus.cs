namespace Mesh.Client.Security;

/// <summary>How it stands with the identity, for views and health.</summary>
/// <param name="Source">Where it comes from: <c>consul</c>, <c>files</c>, <c>development</c>.</param>
/// <param name="IsExpected">That there is none is something wrong.</param>
/// <param name="Reason">What went wrong last, a word of <see cref="MeshReasons"/>; <see langword="null"/> when nothing did.</param>
/// <param name="Detail">The same as a sentence, without secrets.</param>
/// <param name="NotAfter">Until when the last identity is, or was, valid; <see langword="null"/> when there was none.</param>
internal sealed record IdentityStatus(
    string Source, bool IsExpected, string? Reason, string? Detail, DateTimeOffset? NotAfter);
