namespace Mesh.Policy.Language.Shapes;

/// <summary>Marks shapes that are written as a JSON object.</summary>
internal interface IObjectShape;
