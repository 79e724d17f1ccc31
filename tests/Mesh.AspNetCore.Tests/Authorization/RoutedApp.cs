using Mesh.AspNetCore.Tests.Support;
using Microsoft.AspNetCore.Builder;

namespace Mesh.AspNetCore.Tests.Authorization;

/// <summary>One application with three routes, for all requests of a table.</summary>
public sealed class RoutedApp : IAsyncLifetime
{
    internal DoorApp App { get; private set; } = null!;

    public async Task InitializeAsync() => App = await DoorApp.StartAsync(use: app =>
    {
        app.UseRouting();
        app.Map("/admin/{**rest}", () => "admin");
        app.Map("/public/{**rest}", () => "public");
        app.MapFallback("{**rest}", () => "other");
    });

    public async Task DisposeAsync() => await App.DisposeAsync();
}
