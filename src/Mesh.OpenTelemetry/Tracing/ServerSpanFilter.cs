using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Mesh.OpenTelemetry.Tracing;

/// <summary>
/// Looks at requests from outside of all middleware: what the last of them decided is what was answered.
/// </summary>
internal sealed class ServerSpanFilter : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => new ServerSpanMiddleware(inner).InvokeAsync);
        next(app);
    };
}
