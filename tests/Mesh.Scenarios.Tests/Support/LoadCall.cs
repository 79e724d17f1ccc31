namespace Mesh.Scenarios.Tests.Support;

/// <summary>One call of a load.</summary>
/// <param name="Start">When it began, on the clock of <see cref="Load.Now"/>.</param>
/// <param name="Took">From its begin to the end of its body.</param>
/// <param name="Answer">The body without surrounding blanks: by whom it was answered.</param>
/// <param name="Failure">What went wrong, <see langword="null"/> for an answer in the 200s.</param>
internal sealed record LoadCall(TimeSpan Start, TimeSpan Took, string Answer, string? Failure);
