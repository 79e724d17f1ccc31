using Mesh.OpenTelemetry.Tests.Support;
using Microsoft.Extensions.Hosting;

namespace Mesh.OpenTelemetry.Tests;

/// <summary>A service of the tests, as a process of its own: <c>serve &lt;name&gt;</c>.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] args)
    {
        if (args is not ["serve", var name])
        {
            await Console.Error.WriteLineAsync("Tests run with \"dotnet test\".");
            return 2;
        }

        if (Environment.GetEnvironmentVariable("Test__PlatformTags") == "true")
        {
            // The platform's own attributes of requests, which a later version may set without being asked.
            AppContext.SetSwitch("Microsoft.AspNetCore.Hosting.SuppressActivityOpenTelemetryData", false);
        }

        await using var app = TestService.Create(name);
        await app.StartAsync();
        Console.WriteLine($"listening on {app.Urls.First()}");
        await app.WaitForShutdownAsync();
        return 0;
    }
}
