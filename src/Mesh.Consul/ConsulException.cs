using System.Net;

namespace Mesh.Consul;

/// <summary>Consul refused or could not answer; the message carries its own words.</summary>
public sealed class ConsulException : Exception
{
    /// <summary>Creates the exception.</summary>
    /// <param name="message">What was asked, and what Consul said.</param>
    /// <param name="statusCode">The HTTP status, or <see langword="null"/> when there was no answer.</param>
    /// <param name="inner">The cause, when there was no answer.</param>
    public ConsulException(string message, HttpStatusCode? statusCode = null, Exception? inner = null)
        : base(message, inner) => StatusCode = statusCode;

    /// <summary>The HTTP status, or <see langword="null"/> when no answer came.</summary>
    public HttpStatusCode? StatusCode { get; }

    /// <summary>The token may not do this (403), or is unknown ("ACL not found").</summary>
    public bool IsPermissionDenied => StatusCode == HttpStatusCode.Forbidden;

    /// <summary>Consul does not know the token: it was deleted, has expired, or never was one.</summary>
    public bool IsTokenUnknown { get; init; }

    /// <summary>
    /// The rule that the token's policies lack, in Consul's words; <see langword="null"/> when it cannot be told or nothing
    /// was denied. The message has it too.
    /// </summary>
    public string? MissingRule { get; init; }

    /// <summary>The agent runs without Connect, and so without an authority for certificates.</summary>
    public bool IsConnectDisabled =>
        StatusCode == HttpStatusCode.InternalServerError && Says("Connect must be enabled");

    /// <summary>Connect's authority has signed as many certificates as it may for now: ask again later.</summary>
    public bool IsRateLimited => StatusCode is not null && !IsConnectionLimit &&
        (StatusCode == HttpStatusCode.TooManyRequests || Says("rate limit"));

    /// <summary>
    /// The agent has as many connections from this machine's address as it accepts
    /// (<c>limits.http_max_conns_per_client</c>, 200 by default): it closed a new one at once, or said so (429).
    /// </summary>
    public bool IsConnectionLimit
    {
        get
        {
            for (var cause = InnerException; cause is not null; cause = cause.InnerException)
            {
                if (cause is UnansweredException)
                {
                    return true;
                }
            }

            return StatusCode == HttpStatusCode.TooManyRequests && Says("concurrent connections");
        }
    }

    private bool Says(string words) => Message.Contains(words, StringComparison.OrdinalIgnoreCase);
}
