namespace Mesh.Scenarios.Tests.Support;

/// <summary>A test that needs Prometheus: skipped where there is none, but never on the build server.</summary>
internal sealed class PrometheusFactAttribute : FactAttribute
{
    public PrometheusFactAttribute()
    {
        if (PrometheusBinary.Folder is null && Environment.GetEnvironmentVariable("CI") != "true")
        {
            Skip = PrometheusBinary.Outcome;
        }
    }
}
