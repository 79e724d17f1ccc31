using System.Net.Sockets;
using Mesh.Client.Transport;
using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>
/// What an attempt that ended with an exception means. First match wins:
/// <code>
/// event                                   seen as                                          outcome        proof
/// caller gave up                          caller's token                                   Cancelled      -
/// deadline of the mesh                    our token                                        TimedOut       none
/// a call of the mesh failed, not this one MeshException                                    Cancelled      -
/// connect callback failed                 EndpointConnectException in the chain            ConnectFailed  unsent
/// no identity to connect with             the same, NoIdentity                             Refused        unsent
/// transport retired before the send       ObjectDisposedException itself                   Refused        unsent
/// HTTP/2 REFUSED_STREAM                   HttpProtocolException 7                          Refused        not processed
/// peer wants HTTP/1.1, no common version  HttpProtocolException 13, VersionNegotiation     Reset          none, final
/// name, connect, TLS                      HttpRequestError                                 ConnectFailed  unsent
/// connect timeout of the platform         OperationCanceledException with TimeoutException ConnectFailed  unsent
/// malformed or oversized answer           InvalidResponse, ConfigurationLimitExceeded      ServerError    none, final
/// the request's content failed            HttpRequestException, InvalidOperationException  Cancelled      -
/// reset, ended, other HTTP/2 error        HttpRequestException, IOException                Reset          none
/// anything else                           the application's own exception                  Cancelled      -
/// </code>
/// A body written by code of the application may fail for a connect of another call, in the platform's own words: the
/// attempt is then taken for unsent only on the word of its own connect callback.
/// </summary>
internal static class FailureTable
{
    private const long RefusedStream = 7;
    private const long Http11Required = 13;

    /// <param name="exception">What the attempt ended with.</param>
    /// <param name="callerGaveUp">The caller's token was cancelled.</param>
    /// <param name="deadlinePassed">A deadline of the mesh cancelled the attempt.</param>
    /// <param name="ownBody">Code of the application writes the request's body while it is sent.</param>
    public static AttemptVerdict Classify(
        Exception exception, bool callerGaveUp, bool deadlinePassed, bool ownBody = false)
    {
        if (callerGaveUp)
        {
            return Verdict(AttemptOutcome.Cancelled);
        }

        if (deadlinePassed)
        {
            return Verdict(AttemptOutcome.TimedOut) with { Reason = MeshFailureReason.Deadline };
        }

        if (exception is ObjectDisposedException)
        {
            return Verdict(AttemptOutcome.Refused) with
            {
                Proof = Proof.Unsent, TransportGone = true, Reason = MeshFailureReason.Refused,
            };
        }

        return OfChain(exception) ?? OfError(exception, ownBody);
    }

    private static AttemptVerdict? OfChain(Exception exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case MeshException:
                    return Verdict(AttemptOutcome.Cancelled);
                case EndpointConnectException connect:
                    return OfConnect(connect.Failure);
                case HttpProtocolException { ErrorCode: RefusedStream }:
                    return Verdict(AttemptOutcome.Refused) with
                    {
                        Proof = Proof.NotProcessed,
                        Condition = RetryConditions.Refused,
                        Reason = MeshFailureReason.Refused,
                    };
                case HttpProtocolException { ErrorCode: Http11Required }:
                    return Verdict(AttemptOutcome.Reset) with { Reason = MeshFailureReason.ProtocolError };
            }
        }

        return null;
    }

    private static AttemptVerdict OfError(Exception exception, bool ownBody) => exception switch
    {
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError
                or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
        } => ConnectFailed() with
        {
            Proof = ownBody ? Proof.None : Proof.Unsent,
            Suspicion = !ownBody && IsRefused(exception) ? MeshReasons.ConnectRefused : null,
        },
        HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } =>
            Verdict(AttemptOutcome.Reset) with { Reason = MeshFailureReason.ProtocolError },
        HttpRequestException
        {
            HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded,
        } => Verdict(AttemptOutcome.ServerError) with { Reason = MeshFailureReason.ProtocolError },
        OperationCanceledException { InnerException: TimeoutException } when !ownBody => ConnectFailed(),
        HttpRequestException { InnerException: InvalidOperationException and not ObjectDisposedException } when ownBody =>
            Verdict(AttemptOutcome.Cancelled),
        HttpRequestException or IOException => Verdict(AttemptOutcome.Reset) with
        {
            Condition = RetryConditions.Reset, Reason = MeshFailureReason.Reset,
        },
        _ => Verdict(AttemptOutcome.Cancelled),
    };

    private static AttemptVerdict OfConnect(ConnectFailure failure) => failure switch
    {
        ConnectFailure.Refused => ConnectFailed() with { Suspicion = MeshReasons.ConnectRefused },
        ConnectFailure.Peer => ConnectFailed() with
        {
            Reason = MeshFailureReason.UnprovenPeer, Suspicion = MeshReasons.UnprovenPeer,
        },

        // Our own trouble: it says nothing about the endpoint.
        ConnectFailure.NoIdentity => ConnectFailed() with
        {
            Outcome = AttemptOutcome.Refused, Reason = MeshFailureReason.NoIdentity,
        },
        _ => ConnectFailed(),
    };

    private static AttemptVerdict ConnectFailed() => Verdict(AttemptOutcome.ConnectFailed) with
    {
        Proof = Proof.Unsent, Condition = RetryConditions.Connect, Reason = MeshFailureReason.ConnectFailed,
    };

    private static AttemptVerdict Verdict(AttemptOutcome outcome) => new() { Outcome = outcome, GrpcStatus = -1 };

    private static bool IsRefused(Exception exception) =>
        exception.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused };
}
