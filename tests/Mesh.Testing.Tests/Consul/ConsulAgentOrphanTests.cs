using System.Diagnostics;
using System.Globalization;

namespace Mesh.Testing.Tests.Consul;

public sealed class ConsulAgentOrphanTests
{
    [Theory]
    [InlineData("hold")]
    [InlineData("pause")]
    [InlineData("exit")]
    public async Task Host_KilledOrEndedWithoutDisposing_TakesTheAgentAlong(string what)
    {
        using var host = Process.Start(new ProcessStartInfo(
            Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet",
            ["exec", typeof(Program).Assembly.Location, what])
        {
            RedirectStandardOutput = true,
        })!;
        var line = await host.StandardOutput.ReadLineAsync().WaitAsync(TimeSpan.FromSeconds(60));
        var agent = int.Parse(line!, CultureInfo.InvariantCulture);
        if (what == "pause")
        {
            Assert.Equal('T', Processes.State(agent));
        }

        if (what != "exit")
        {
            Assert.True(Processes.IsAlive(agent));
            host.Kill();
        }

        await host.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(60));
        await Eventually.TrueAsync(() => !Processes.IsAlive(agent));
    }
}
