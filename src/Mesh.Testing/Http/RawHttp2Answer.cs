namespace Mesh.Testing;

/// <summary>One scripted answer of a <see cref="RawHttp2Backend"/>, down to the frame.</summary>
public sealed class RawHttp2Answer
{
    private readonly Func<RawHttp2Connection, int, Task> _give;

    private RawHttp2Answer(Func<RawHttp2Connection, int, Task> give) => _give = give;

    /// <summary>200 with the backend's name.</summary>
    public static RawHttp2Answer Ok { get; } = new((connection, stream) => connection.AnswerAsync(stream));

    /// <summary>
    /// GOAWAY with a last-stream-id just below this request's: it and later ones were not processed and may be sent
    /// again elsewhere. Streams before it are still answered.
    /// </summary>
    public static RawHttp2Answer GoAwayUnprocessed { get; } = new(
        (connection, stream) => connection.GoAwayAsync(stream - 2, 0));

    /// <summary>GOAWAY with this request's stream as the last one, then 200: the request was processed.</summary>
    public static RawHttp2Answer GoAwayThenOk { get; } = new(async (connection, stream) =>
    {
        await connection.GoAwayAsync(stream, 0).ConfigureAwait(false);
        await connection.AnswerAsync(stream).ConfigureAwait(false);
    });

    /// <summary>
    /// GOAWAY with this request's stream as the last one, then the connection closes without an answer: the request may
    /// or may not have been processed.
    /// </summary>
    public static RawHttp2Answer GoAwayThenClose { get; } = new(async (connection, stream) =>
    {
        await connection.GoAwayAsync(stream, 0).ConfigureAwait(false);
        connection.Close(reset: false);
    });

    /// <summary>RST_STREAM with REFUSED_STREAM: the request was not processed.</summary>
    public static RawHttp2Answer RefusedStream { get; } = ResetStream(7);

    /// <summary>Closes the connection (FIN) without an answer.</summary>
    public static RawHttp2Answer Close { get; } = Ending(reset: false);

    /// <summary>Resets the connection (RST) without an answer.</summary>
    public static RawHttp2Answer Reset { get; } = Ending(reset: true);

    /// <summary>Never answers; the connection stays open and answers PING.</summary>
    public static RawHttp2Answer Hang { get; } = new((_, _) => Task.CompletedTask);

    /// <summary>RST_STREAM with an error code, before any headers.</summary>
    /// <param name="errorCode">An error code of RFC 9113, section 7, for example 2 for INTERNAL_ERROR.</param>
    public static RawHttp2Answer ResetStream(int errorCode) =>
        new((connection, stream) => connection.ResetStreamAsync(stream, errorCode));

    /// <summary>The headers of a 200, 10 bytes of body, then RST_STREAM with an error code.</summary>
    /// <param name="errorCode">An error code of RFC 9113, section 7.</param>
    public static RawHttp2Answer HeadersThenResetStream(int errorCode) => new(async (connection, stream) =>
    {
        await connection.HeadersAsync(stream).ConfigureAwait(false);
        await connection.DataAsync(stream, "0123456789"u8.ToArray(), end: false).ConfigureAwait(false);
        await connection.ResetStreamAsync(stream, errorCode).ConfigureAwait(false);
    });

    internal Task GiveAsync(RawHttp2Connection connection, int stream) => _give(connection, stream);

    private static RawHttp2Answer Ending(bool reset) => new((connection, _) =>
    {
        connection.Close(reset);
        return Task.CompletedTask;
    });
}
