using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace Mesh.AspNetCore.Inbound;

/// <summary>Puts the mesh's middleware before the application's.</summary>
internal sealed class InboundFilter(DrainState drain, CallerMembership callers) : IStartupFilter
{
    public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
    {
        app.Use(inner => new InboundMiddleware(inner, drain, callers).InvokeAsync);
        next(app);
    };
}
