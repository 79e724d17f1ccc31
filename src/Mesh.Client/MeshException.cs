namespace Mesh.Client;

/// <summary>
/// The mesh could not complete a call. Derives from <see cref="HttpRequestException"/>, so that existing handling works;
/// the message tells service, reason, attempts, age of the endpoints and policy revision.
/// </summary>
public sealed class MeshException : HttpRequestException
{
    /// <summary>Creates the exception.</summary>
    /// <param name="reason">The stable reason.</param>
    /// <param name="service">The service called.</param>
    /// <param name="message">What happened, attempt by attempt.</param>
    /// <param name="error">What the platform calls it.</param>
    /// <param name="inner">The last attempt's own exception.</param>
    public MeshException(
        MeshFailureReason reason,
        string service,
        string message,
        HttpRequestError error = HttpRequestError.Unknown,
        Exception? inner = null)
        : base(error, message, inner)
    {
        Reason = reason;
        Service = service;
    }

    /// <summary>The stable reason.</summary>
    public MeshFailureReason Reason { get; }

    /// <summary>The service called.</summary>
    public string Service { get; }
}
