using System.Diagnostics;
using System.Text.Json;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>A real Prometheus with a configuration of the test.</summary>
internal sealed class PrometheusProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Task<string> _log;
    private readonly HttpClient _client;

    private PrometheusProcess(Process process, int port)
    {
        (_process, _log) = (process, process.StandardError.ReadToEndAsync());
        _client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public static string Program(string name) =>
        Path.Combine(PrometheusBinary.Folder ?? throw new InvalidOperationException(PrometheusBinary.Outcome), name);

    public static async Task<PrometheusProcess> StartAsync(string folder, string configuration)
    {
        var file = Path.Combine(folder, "prometheus.yml");
        await File.WriteAllTextAsync(file, configuration);
        await Command.RunAsync(folder, TimeSpan.FromSeconds(30), Program("promtool"), "check", "config", file);
        var port = Ports.Next();
        var prometheus = new PrometheusProcess(
            Command.Start(
                folder, null, Program("prometheus"), $"--config.file={file}", $"--web.listen-address=127.0.0.1:{port}",
                $"--storage.tsdb.path={Path.Combine(folder, "tsdb")}", "--log.level=warn"),
            port);
        await Eventually.TrueAsync(prometheus.IsReadyAsync, "Prometheus to be ready");
        return prometheus;
    }

    /// <summary>The series that an expression has now: their labels and their values.</summary>
    public async Task<IReadOnlyList<(IReadOnlyDictionary<string, string> Labels, double Value)>> QueryAsync(string expression)
    {
        using var form = new FormUrlEncodedContent([new("query", expression)]);
        using var answer = await _client.PostAsync("/api/v1/query", form);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{expression}\n{text}");
        using var document = JsonDocument.Parse(text);
        return
        [
            .. document.RootElement.GetProperty("data").GetProperty("result").EnumerateArray().Select(r => (
                (IReadOnlyDictionary<string, string>)r.GetProperty("metric").EnumerateObject()
                    .ToDictionary(l => l.Name, l => l.Value.GetString()!),
                double.Parse(r.GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture))),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        if (!_process.HasExited)
        {
            _process.Kill();
            await _process.WaitForExitAsync();
        }

        await _log;
        _process.Dispose();
    }

    private async Task<bool> IsReadyAsync()
    {
        Assert.False(_process.HasExited, _process.HasExited ? await _log : "");
        try
        {
            using var answer = await _client.GetAsync("/-/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
