namespace Mesh.AspNetCore.Inspection.Views;

/// <summary>A rule of the security document, without its conditions.</summary>
/// <param name="Name">Its name; <c>otherwise</c> for what happens to a request that none matches.</param>
/// <param name="Action"><c>allow</c> or <c>deny</c>.</param>
/// <param name="Shadow">A denial is only counted.</param>
/// <param name="Locked">It stands in the global document, and no service can undo it.</param>
internal sealed record RuleView(string Name, string Action, bool Shadow, bool Locked);
