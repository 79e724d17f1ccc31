using System.Buffers;
using System.Net;
using System.Text;

namespace Mesh.Consul;

/// <summary>Turns what went wrong into one sentence: what was asked, what came back, in Consul's own words.</summary>
internal static class ConsulErrors
{
    /// <summary>Consul's messages are a line; a proxy's error page is not worth more.</summary>
    private const int MaxWords = 512;

    public static async Task<ConsulException> RefusedAsync(
        HttpMethod method, Uri uri, HttpResponseMessage response, string? token, string origin,
        CancellationToken cancellationToken)
    {
        var words = await WordsAsync(response, cancellationToken).ConfigureAwait(false);
        if (token is not null)
        {
            words = words.Replace(token, "[token]", StringComparison.Ordinal);
        }

        var status = (int)response.StatusCode;
        var said = $"Consul answered {method} {uri.AbsolutePath} with {status}{(words.Length == 0 ? "." : $": {words}")}";
        if (response.StatusCode != HttpStatusCode.Forbidden)
        {
            return new ConsulException(said, response.StatusCode);
        }

        var rule = ConsulAdvice.MissingRule(method, uri, words);
        return new ConsulException($"{said.TrimEnd('.')}.{ConsulAdvice.Text(rule, words, origin)}", response.StatusCode)
        {
            IsTokenUnknown = ConsulAdvice.IsTokenUnknown(words),
            MissingRule = rule,
        };
    }

    public static ConsulException Silent(HttpMethod method, Uri uri, TimeSpan timeout, Exception cause) =>
        new($"Consul did not answer {method} {uri.AbsolutePath} within {timeout.TotalSeconds:0.#} s.", inner: cause);

    public static ConsulException Stuck(HttpMethod method, Uri uri, TimeSpan timeout, Exception cause) =>
        new(
            $"Consul began to answer {method} {uri.AbsolutePath}, but did not finish in {timeout.TotalSeconds:0.#} s.",
            inner: cause);

    public static ConsulException Failed(HttpMethod method, Uri uri, Uri agent, Exception cause) =>
        new($"{method} {uri.AbsolutePath} to Consul at {agent} failed: {Reason(cause)}", inner: cause);

    /// <summary>
    /// The innermost message says what happened, those around it say "see inner exception"; unless it is one of ours,
    /// which names the file.
    /// </summary>
    private static string Reason(Exception cause)
    {
        while (cause is not ConsulException && cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause.Message;
    }

    private static async Task<string> WordsAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(MaxWords);
        try
        {
            var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
            await using (body.ConfigureAwait(false))
            {
                var space = buffer.AsMemory(0, MaxWords);
                var length = await body.ReadAtLeastAsync(space, MaxWords, throwOnEndOfStream: false, cancellationToken)
                    .ConfigureAwait(false);
                return OneLine(Encoding.UTF8.GetString(buffer, 0, length));
            }
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            // The status alone still tells what happened.
            return "";
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string OneLine(string text) =>
        string.Create(text.Length, text, static (span, source) =>
        {
            for (var i = 0; i < span.Length; i++)
            {
                span[i] = char.IsControl(source[i]) ? ' ' : source[i];
            }
        }).Trim();
}
