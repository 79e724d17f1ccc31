using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Testing;

/// <summary>One scripted answer of an <see cref="HttpBackend"/>: see <see cref="HttpBackend.Enqueue"/>.</summary>
public sealed class BackendAnswer
{
    private const int Http2RefusedStream = 7;
    private readonly Func<BackendCall, Task> _give;

    private BackendAnswer(Func<BackendCall, Task> give) => _give = give;

    /// <summary>The backend's default answer: reads the body, then 200 with the backend's name.</summary>
    public static BackendAnswer Default { get; } = new(call => call.WriteAsync(200, call.Backend.Name));

    /// <summary>
    /// Breaks the connection with a TCP reset before any of the answer is sent. Over HTTP/2 that breaks every
    /// other call on the connection too.
    /// </summary>
    public static BackendAnswer Reset { get; } = new(call =>
    {
        call.ResetConnection();
        return Task.CompletedTask;
    });

    /// <summary>
    /// Sends the headers of a 200 and 10 bytes of a body of 100, then closes the connection in good order (FIN): the
    /// client always sees the headers, then a body that ends too early. HTTP/1.1 only; for HTTP/2 see
    /// <see cref="RawHttp2Answer.HeadersThenResetStream"/>.
    /// </summary>
    public static BackendAnswer CutMidBody { get; } = new(async call =>
    {
        if (HttpProtocol.IsHttp2(call.Context.Request.Protocol))
        {
            await call.WriteAsync(500, "CutMidBody needs HTTP/1.1.").ConfigureAwait(false);
            return;
        }

        await call.WriteTenthAsync().ConfigureAwait(false);
        await call.CutConnectionAsync().ConfigureAwait(false);
    });

    /// <summary>Never answers; ends when the client gives up or the backend stops.</summary>
    public static BackendAnswer Hang { get; } = new(call => call.WaitAsync(Timeout.InfiniteTimeSpan));

    /// <summary>
    /// Sends the headers of a 200 and nothing more; ends when the client gives up or the backend stops.
    /// </summary>
    public static BackendAnswer HangMidBody { get; } = new(async call =>
    {
        await call.Context.Response.StartAsync(call.Stopping).ConfigureAwait(false);
        await call.Context.Response.Body.FlushAsync(call.Stopping).ConfigureAwait(false);
        await call.WaitAsync(Timeout.InfiniteTimeSpan).ConfigureAwait(false);
    });

    /// <summary>
    /// Announces the connection's end and answers this request as by default: GOAWAY over HTTP/2, <c>Connection:
    /// close</c> over HTTP/1.1. For a GOAWAY that disowns requests use <see cref="RawHttp2Backend"/>.
    /// </summary>
    public static BackendAnswer GoAway { get; } = new(call =>
    {
        call.Context.Features.GetRequiredFeature<IConnectionLifetimeNotificationFeature>().RequestClose();
        return Default.GiveAsync(call);
    });

    /// <summary>Resets this HTTP/2 stream with REFUSED_STREAM, which says that the request was not processed.</summary>
    public static BackendAnswer RefusedStream { get; } = ResetStream(Http2RefusedStream);

    /// <summary>
    /// Sends the headers of a 200 and 10 bytes of a body of 100, then breaks the connection with a TCP reset.
    /// </summary>
    /// <param name="once">
    /// When to reset. A reset overtakes what the client has not read yet, so a test that must see the headers completes
    /// this after it has seen them. Default: 100 ms after the bytes were sent, by the backend's clock.
    /// </param>
    public static BackendAnswer ResetMidBody(Task? once = null) => new(async call =>
    {
        await call.WriteTenthAsync().ConfigureAwait(false);
        await (once?.WaitAsync(call.Stopping) ?? call.WaitAsync(TimeSpan.FromMilliseconds(100))).ConfigureAwait(false);
        call.ResetConnection();
    });

    /// <summary>Reads the body, then answers with a status.</summary>
    /// <param name="status">100 to 999.</param>
    /// <param name="body">The body, as <c>text/plain</c>.</param>
    /// <param name="headers">Headers to add.</param>
    public static BackendAnswer Status(int status, string body = "", params (string Name, string Value)[] headers)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(status, 100);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(status, 999);
        return new BackendAnswer(call =>
        {
            foreach (var (name, value) in headers)
            {
                call.Context.Response.Headers.Append(name, value);
            }

            return call.WriteAsync(status, body);
        });
    }

    /// <summary>Waits before another answer.</summary>
    /// <param name="delay">How long.</param>
    /// <param name="then">The answer that follows; the default one when <see langword="null"/>.</param>
    public static BackendAnswer Delay(TimeSpan delay, BackendAnswer? then = null) => new(async call =>
    {
        await call.WaitAsync(delay).ConfigureAwait(false);
        await (then ?? Default).GiveAsync(call).ConfigureAwait(false);
    });

    /// <summary>Sends the headers of a 200 at once and the body in pieces.</summary>
    /// <param name="pieces">How many pieces of 10 bytes; at least 1.</param>
    /// <param name="pause">The time before each piece.</param>
    public static BackendAnswer SlowBody(int pieces, TimeSpan pause) => new(async call =>
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(pieces, 1);
        var response = call.Context.Response;
        await response.StartAsync(call.Stopping).ConfigureAwait(false);
        await response.Body.FlushAsync(call.Stopping).ConfigureAwait(false);
        for (var i = 0; i < pieces; i++)
        {
            await call.WaitAsync(pause).ConfigureAwait(false);
            await response.Body.WriteAsync("0123456789"u8.ToArray(), call.Stopping).ConfigureAwait(false);
            await response.Body.FlushAsync(call.Stopping).ConfigureAwait(false);
        }
    });

    /// <summary>Resets this HTTP/2 stream with an error code; the connection and its other calls go on.</summary>
    /// <param name="errorCode">An error code of RFC 9113, section 7.</param>
    public static BackendAnswer ResetStream(int errorCode) => new(call =>
    {
        if (call.Context.Features.Get<IHttpResetFeature>() is { } stream)
        {
            stream.Reset(errorCode);
            return Task.CompletedTask;
        }

        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"ResetStream({errorCode}) needs HTTP/2; the request came over {call.Context.Request.Protocol}.");
        return call.WriteAsync(500, text);
    });

    /// <summary>Answers with code of your own.</summary>
    /// <param name="answer">The answer.</param>
    public static BackendAnswer Custom(Func<HttpContext, Task> answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return new BackendAnswer(call => answer(call.Context));
    }

    internal Task GiveAsync(BackendCall call) => _give(call);
}
