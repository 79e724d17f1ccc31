using System.Diagnostics;
using Mesh.Testing;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>Consul's own proxy, <c>consul connect proxy</c>, as a process of its own.</summary>
internal sealed class ConnectProxy : IAsyncDisposable
{
    private readonly Process _process;
    private readonly List<string> _lines = [];

    private ConnectProxy(Process process) => _process = process;

    /// <summary>Starts one; it serves when it has its certificate.</summary>
    /// <param name="consul">Whose authority and intentions it obeys.</param>
    /// <param name="arguments">What it stands for, e.g. <c>-sidecar-for ledger1</c>.</param>
    public static async Task<ConnectProxy> StartAsync(ConsulAgent consul, params string[] arguments)
    {
        var start = new ProcessStartInfo(await ConsulBinary.FindAsync())
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        string[] all = ["connect", "proxy", "-http-addr", consul.Address.Authority, .. arguments];
        all.ToList().ForEach(start.ArgumentList.Add);
        start.Environment["CONSUL_HTTP_TOKEN"] = consul.ManagementToken;
        var proxy = new ConnectProxy(Process.Start(start)!);
        proxy._process.OutputDataReceived += proxy.Keep;
        proxy._process.ErrorDataReceived += proxy.Keep;
        proxy._process.BeginOutputReadLine();
        proxy._process.BeginErrorReadLine();
        return proxy;
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    public override string ToString()
    {
        lock (_lines)
        {
            return $"=== connect proxy\n{string.Join('\n', _lines)}";
        }
    }

    private void Keep(object sender, DataReceivedEventArgs line)
    {
        lock (_lines)
        {
            _lines.Add(line.Data ?? "");
        }
    }
}
