using System.Diagnostics;
using System.Diagnostics.Metrics;
using Mesh.OpenTelemetry.Prometheus;
using Mesh.OpenTelemetry.Tests.Support;
using Mesh.Testing;
using OpenTelemetry.Metrics;

namespace Mesh.OpenTelemetry.Tests.Prometheus;

public sealed class PrometheusScrapeTests
{
    private const string Common = "otel_scope_name=\"bench\",otel_scope_version=\"2.0\",service_name=\"shop\"";

    [Fact]
    public async Task Counter_IsWrittenInBothFormats()
    {
        using var bench = new MetricsBench();
        bench.Meter.CreateCounter<long>("bench.calls", "{call}", "Calls \\ and\nmore \"calls\".").Add(
            3, new KeyValuePair<string, object?>("http.route", "/a\"b\\c\nd"), new("ok", true));

        var text = await bench.LinesAsync();
        var open = await bench.LinesAsync(ExpositionFormat.OpenMetrics);

        Assert.Equal(
            [
                "# TYPE bench_calls_total counter",
                "# HELP bench_calls_total Calls \\\\ and\\nmore \"calls\".",
                $"bench_calls_total{{http_route=\"/a\\\"b\\\\c\\nd\",ok=\"true\",{Common}}} 3",
            ],
            text);
        Assert.Equal(
            [
                "# TYPE bench_calls counter",
                "# HELP bench_calls Calls \\\\ and\\nmore \\\"calls\\\".",
                $"bench_calls_total{{http_route=\"/a\\\"b\\\\c\\nd\",ok=\"true\",{Common}}} 3",
            ],
            open);
    }

    [Fact]
    public async Task Histogram_CountsCumulatively_WithItsUnit()
    {
        using var bench = new MetricsBench();
        var histogram = bench.Meter.CreateHistogram(
            "bench.duration", "s", "d", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.5, 1] });
        foreach (var value in (double[])[0.25, 0.75, 0.75, 9])
        {
            histogram.Record(value);
        }

        Assert.Equal(
            [
                "# TYPE bench_duration_seconds histogram",
                "# HELP bench_duration_seconds d",
                $"bench_duration_seconds_bucket{{{Common},le=\"0.5\"}} 1",
                $"bench_duration_seconds_bucket{{{Common},le=\"1\"}} 3",
                $"bench_duration_seconds_bucket{{{Common},le=\"+Inf\"}} 4",
                $"bench_duration_seconds_sum{{{Common}}} 10.75",
                $"bench_duration_seconds_count{{{Common}}} 4",
            ],
            await bench.LinesAsync());
        var open = await bench.LinesAsync(ExpositionFormat.OpenMetrics);
        Assert.Contains("# UNIT bench_duration_seconds seconds", open);
        Assert.Contains($"bench_duration_seconds_bucket{{{Common},le=\"1.0\"}} 3", open);
    }

    [Fact]
    public async Task Histogram_Exponential_KeepsItsSumAndCount()
    {
        using var bench = new MetricsBench(configure: m =>
            m.AddView("bench.size", new Base2ExponentialBucketHistogramConfiguration()));
        bench.Meter.CreateHistogram<long>("bench.size", "By").Record(7);

        Assert.Equal(
            [
                "# TYPE bench_size_bytes histogram",
                $"bench_size_bytes_bucket{{{Common},le=\"+Inf\"}} 1",
                $"bench_size_bytes_sum{{{Common}}} 7",
                $"bench_size_bytes_count{{{Common}}} 1",
            ],
            await bench.LinesAsync());
    }

    [Fact]
    public async Task Exemplar_NamesTheTrace_InOpenMetricsOnly()
    {
        using var bench = new MetricsBench(configure: m => m.SetExemplarFilter(ExemplarFilterType.TraceBased));
        var histogram = bench.Meter.CreateHistogram(
            "bench.duration", "s", null, null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] });
        using (var span = new Activity("x") { ActivityTraceFlags = ActivityTraceFlags.Recorded }.Start())
        {
            histogram.Record(3);

            var open = await bench.LinesAsync(ExpositionFormat.OpenMetrics);
            var marked = Assert.Single(open, l => l.Contains(" # ", StringComparison.Ordinal));
            Assert.Contains("le=\"+Inf\"", marked, StringComparison.Ordinal);
            Assert.Contains($"# {{trace_id=\"{span.TraceId}\",span_id=\"{span.SpanId}\"}} 3 ", marked, StringComparison.Ordinal);
        }

        Assert.DoesNotContain(await bench.LinesAsync(), l => l.Contains(" # ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Answer_BeginsWithTheTarget_AndEndsAsItsFormatWants()
    {
        using var bench = new MetricsBench();

        var text = (await bench.ScrapeAsync()).Split('\n');
        var open = await bench.ScrapeAsync(ExpositionFormat.OpenMetrics);

        Assert.Equal("# TYPE target_info gauge", text[0]);
        Assert.Equal("target_info{service_name=\"shop\",service_instance_id=\"shop-1\"} 1", text[2]);
        Assert.StartsWith("# TYPE target info\n", open, StringComparison.Ordinal);
        Assert.EndsWith("\n# EOF\n", open, StringComparison.Ordinal);
        Assert.DoesNotContain("# EOF", text);
    }

    [Fact]
    public async Task Labels_ThatMeet_ShareOneLabel_AndReservedOnesAreRenamed()
    {
        using var bench = new MetricsBench();
        bench.Meter.CreateCounter<long>("bench.labels").Add(
            1, new KeyValuePair<string, object?>("a.b", 1.5), new("a_b", null), new("le", "x"), new("service.name", "own"));

        Assert.Equal(
            "bench_labels_total{a_b=\"1.5;\",exported_le=\"x\",service_name=\"own\","
            + "otel_scope_name=\"bench\",otel_scope_version=\"2.0\"} 1",
            (await bench.LinesAsync())[^1]);
    }

    [Fact]
    public async Task Families_OfOneName_AreDescribedOnce_SeriesComeOnce_AndOtherKindsAreLeftOut()
    {
        using var bench = new MetricsBench();
        using var again = new Meter(bench.Meter.Name, "2.0");
        using var gauge = new Meter(bench.Meter.Name, "3.0");
        bench.Meter.CreateCounter<long>("bench.same").Add(1);
        again.CreateCounter<long>("bench_same").Add(5);
        gauge.CreateHistogram<long>("bench.same").Record(1);

        var lines = await bench.LinesAsync();

        Assert.Equal(["# TYPE bench_same_total counter", $"bench_same_total{{{Common}}} 1"], lines);
    }

    [Fact]
    public async Task UpDownCounterAndGauge_AreGauges_AndOddValuesAreNumbersOfPrometheus()
    {
        using var bench = new MetricsBench();
        bench.Meter.CreateUpDownCounter<long>("bench.open").Add(-2);
        bench.Meter.CreateObservableGauge("bench.odd", () => double.PositiveInfinity);
        bench.Meter.CreateObservableGauge("bench.small", () => 1e-9);

        var lines = await bench.LinesAsync();

        Assert.Contains("# TYPE bench_open gauge", lines);
        Assert.Contains($"bench_open{{{Common}}} -2", lines);
        Assert.Contains($"bench_odd{{{Common}}} +Inf", lines);
        Assert.Contains($"bench_small{{{Common}}} 1E-09", lines);
    }

    [Fact]
    public async Task Gauge_ThatNoLongerReportsASeries_EndsIt()
    {
        var time = new ManualTimeProvider();
        using var bench = new MetricsBench(time);
        string[] thrown = ["retry", "eject"];
        bench.Meter.CreateObservableGauge("bench.switches", () => thrown.Select(
            t => new Measurement<long>(1, new KeyValuePair<string, object?>("mechanism", t))));
        Assert.Equal(2, (await bench.LinesAsync()).Count(l => l[0] != '#'));

        thrown = ["retry"];
        time.Advance(PrometheusScrape.Freshness);

        Assert.Contains("mechanism=\"retry\"", Assert.Single(await bench.LinesAsync(), l => l[0] != '#'), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Scrapes_AtOnce_ShareOneCollection_AndALaterOneCollectsAgain()
    {
        var time = new ManualTimeProvider();
        using var bench = new MetricsBench(time);
        var collections = 0;
        bench.Meter.CreateObservableGauge("bench.collections", () => (long)Interlocked.Increment(ref collections));

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => bench.ScrapeAsync())));

        Assert.Equal(1, collections);
        Assert.Single(answers.Distinct());
        time.Advance(PrometheusScrape.Freshness);
        await bench.ScrapeAsync();
        Assert.Equal(2, collections);
    }

    [Fact]
    public async Task Scrapes_WhileCallsAreMeasured_AreConsistent()
    {
        var time = new ManualTimeProvider();
        using var bench = new MetricsBench(time);
        var counter = bench.Meter.CreateCounter<long>("bench.calls");
        counter.Add(1);
        using var stop = new CancellationTokenSource();
        var writing = Task.Run(() =>
        {
            for (var i = 0; !stop.IsCancellationRequested; i++)
            {
                counter.Add(1, new KeyValuePair<string, object?>("k", i % 100));
            }
        });
        long last = 0;
        for (var i = 0; i < 50; i++)
        {
            time.Advance(PrometheusScrape.Freshness);
            var samples = (await bench.LinesAsync()).Where(l => l[0] != '#').ToArray();
            var sum = samples.Sum(l => long.Parse(l[(l.LastIndexOf(' ') + 1)..], System.Globalization.CultureInfo.InvariantCulture));
            Assert.InRange(sum, last, long.MaxValue);
            Assert.Equal(samples.Length, samples.Select(l => l[..l.LastIndexOf(' ')]).Distinct().Count());
            last = sum;
        }

        await stop.CancelAsync();
        await writing;
        Assert.True(last > 0);
    }
}
