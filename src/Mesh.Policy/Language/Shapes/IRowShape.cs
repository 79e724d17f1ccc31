namespace Mesh.Policy.Language.Shapes;

/// <summary>A shape that holds fields, itself or in its entries.</summary>
internal interface IRowShape
{
    /// <summary>The fields; <see langword="null"/> when its entries have none.</summary>
    IEnumerable<FieldRow>? Rows { get; }

    /// <summary>
    /// What stands between the field and the fields within: <c>.</c>, <c>[].</c> or <c>.&lt;name&gt;.</c>
    /// </summary>
    string Step { get; }
}
