using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Hosting;

/// <summary>
/// Looks at where the server really listens: a <c>Kestrel:Endpoints</c> section goes past the validation of
/// <c>Desk:Urls</c>, and without a token nobody else may reach the desk.
/// </summary>
internal sealed class AddressGuard(IServer server, IOptions<DeskOptions> options) : IHostedLifecycleService
{
    public Task StartedAsync(CancellationToken cancellationToken)
    {
        var addresses = server.Features.Get<IServerAddressesFeature>()?.Addresses;
        var open = addresses?.FirstOrDefault(a => !DeskOptionsValidator.IsLoopback(a));
        return options.Value.Token is not null || open is null
            ? Task.CompletedTask
            : throw new OptionsValidationException(
                Options.DefaultName, typeof(DeskOptions), [DeskOptionsValidator.NeedsToken(open)]);
    }

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
