namespace Mesh.Policy;

/// <summary>Something a reader has to know in order to obey a document.</summary>
/// <param name="Path">Where it stands, as a JSON pointer.</param>
/// <param name="Name">
/// What it is, the same in every document: <c>routes[].timeout.total</c>, <c>balance.algorithm=random</c>.
/// </param>
public sealed record PolicyTerm(string Path, string Name);
