using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace Mesh.OpenTelemetry.Hosting;

/// <summary>
/// Below warning, the platform's own lines about requests tell their paths and queries. They are not exported; a rule
/// of the application under <c>Logging:OpenTelemetry:LogLevel</c> for the same category brings them back.
/// </summary>
internal static class LogPrivacy
{
    private static readonly string[] Talkative = ["Microsoft.AspNetCore", "System.Net.Http.HttpClient"];

    public static void AddTo(LoggerFilterOptions options)
    {
        foreach (var category in Talkative)
        {
            options.AddFilter<OpenTelemetryLoggerProvider>(category, LogLevel.Warning);
        }
    }
}
