using System.Diagnostics.Metrics;
using System.Text;
using Mesh.OpenTelemetry.Prometheus;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>A pipeline over one meter of the test, scraped without HTTP.</summary>
internal sealed class MetricsBench : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly PrometheusScrape _scrape;
    private readonly MeterProvider _provider;

    public MetricsBench(TimeProvider? time = null, Action<MeterProviderBuilder>? configure = null)
    {
        Meter = new Meter($"bench-{Guid.NewGuid():N}", "2.0");
        var services = new ServiceCollection();
        services.AddSingleton<IConfiguration>(new ConfigurationBuilder().Build());
        services.AddSingleton(time ?? TimeProvider.System);
        services.ConfigureOpenTelemetryMeterProvider(metrics =>
        {
            metrics.AddMeshInstrumentation();
            metrics.AddMeter(Meter.Name);
            metrics.SetResourceBuilder(ResourceBuilder.CreateEmpty().AddAttributes(
                [new("service.name", "shop"), new("service.instance.id", "shop-1")]));
            configure?.Invoke(metrics);
        });
        new Pipeline(services).WithLogging().WithMetrics(); // logging brings what all providers need
        _services = services.BuildServiceProvider();
        _scrape = _services.GetRequiredService<PrometheusScrape>();
        _scrape.Want();
        _provider = _services.GetRequiredService<MeterProvider>();
    }

    public Meter Meter { get; }

    public async Task<string> ScrapeAsync(ExpositionFormat format = ExpositionFormat.Text)
    {
        var bytes = await _scrape.GetAsync(format, CancellationToken.None);
        return Encoding.UTF8.GetString(Assert.NotNull(bytes).Span);
    }

    /// <summary>The lines that the meter of the test is the reason for.</summary>
    public async Task<string[]> LinesAsync(ExpositionFormat format = ExpositionFormat.Text) =>
        [.. (await ScrapeAsync(format)).Split('\n').Where(l => l.Contains("bench", StringComparison.Ordinal))
            .Select(l => l.Replace(Meter.Name, "bench", StringComparison.Ordinal))];

    public void Dispose()
    {
        _provider.Dispose();
        _services.Dispose();
        Meter.Dispose();
    }

    private sealed record Pipeline(IServiceCollection Services) : IOpenTelemetryBuilder;
}
