using System.Net.Sockets;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Testing;

/// <summary>A request being answered, with what answers need.</summary>
/// <param name="Context">The request.</param>
/// <param name="Backend">Who answers.</param>
/// <param name="Clock">The clock of delays.</param>
/// <param name="Stopping">Ends when the client gives up or the backend stops.</param>
internal sealed record BackendCall(
    HttpContext Context, HttpBackend Backend, TimeProvider Clock, CancellationToken Stopping)
{
    public async Task WriteAsync(int status, string body)
    {
        await Context.Request.Body.CopyToAsync(Stream.Null, Stopping).ConfigureAwait(false);
        Context.Response.StatusCode = status;
        if (body.Length > 0)
        {
            Context.Response.ContentType ??= "text/plain; charset=utf-8";
            await Context.Response.WriteAsync(body, Stopping).ConfigureAwait(false);
        }
    }

    /// <summary>Sends 10 bytes of a body of 100.</summary>
    public async Task WriteTenthAsync()
    {
        Context.Response.ContentLength = 100;
        await Context.Response.Body.WriteAsync("0123456789"u8.ToArray(), Stopping).ConfigureAwait(false);
        await Context.Response.Body.FlushAsync(Stopping).ConfigureAwait(false);
    }

    /// <summary>
    /// Sends FIN and waits for the client to close its side; closing ours at once could send RST instead.
    /// </summary>
    public Task CutConnectionAsync()
    {
        Context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.Shutdown(SocketShutdown.Send);
        return WaitAsync(Timeout.InfiniteTimeSpan);
    }

    public Task WaitAsync(TimeSpan time) => Task.Delay(time, Clock, Stopping);

    public void ResetConnection()
    {
        // A linger time of zero makes closing send RST instead of FIN. Aborting the connection and not the request
        // does it over HTTP/2 as well.
        Context.Features.GetRequiredFeature<IConnectionSocketFeature>().Socket.LingerState = new LingerOption(true, 0);
        Context.Features.GetRequiredFeature<IConnectionLifetimeFeature>().Abort();
    }
}
