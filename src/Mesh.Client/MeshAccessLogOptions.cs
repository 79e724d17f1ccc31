namespace Mesh.Client;

/// <summary>
/// The access log: one line a call in the category <c>Mesh.Access</c>, failed calls as warnings, others as information. A
/// line never holds the path, the query, a header, the body or a hash key of a request.
/// </summary>
public sealed class MeshAccessLogOptions
{
    /// <summary>Which calls are told. Default <see cref="MeshAccessLogMode.Errors"/>.</summary>
    public MeshAccessLogMode Mode { get; set; } = MeshAccessLogMode.Errors;

    /// <summary>
    /// With <see cref="MeshAccessLogMode.All"/>, the share of calls without error that is told: 0 to 1, in configuration also
    /// as <c>5%</c>. Default 1.
    /// </summary>
    public double Sample { get; set; } = 1;

    /// <summary>
    /// Lines a second for failed calls, and as many for others: 1 to 100,000, default 20. Of failed calls, one reason gets at
    /// most half of them. What is held back is counted, and the next line tells how many.
    /// </summary>
    public int LinesPerSecond { get; set; } = 20;
}
