using System.Globalization;
using System.Net.Sockets;
using Mesh.Client.Transport;

namespace Mesh.Client.Attempts;

/// <summary>
/// What a failed attempt ended with, for messages and logs. In words of the platform's enumerations and never in those of
/// the exception: its message may quote what the peer sent, or what code of the application that writes the body said.
/// </summary>
internal static class FailureText
{
    private const string Prefix = "HTTP/2 error ";

    public static string Of(Exception exception)
    {
        var text = exception.GetType().Name;
        for (var e = exception; e is not null; e = e.InnerException)
        {
            switch (e)
            {
                case EndpointConnectException connect:
                    return connect.Message;
                case SocketException socket:
                    return socket.SocketErrorCode.ToString();
                case HttpProtocolException protocol:
                    return Prefix + protocol.ErrorCode.ToString(CultureInfo.InvariantCulture);
                case HttpRequestException { HttpRequestError: not HttpRequestError.Unknown } known:
                    text = known.HttpRequestError.ToString();
                    break;
                case HttpIOException known:
                    text = known.HttpRequestError.ToString();
                    break;
            }
        }

        return text;
    }

    /// <summary>
    /// The exception to hand on as the inner one: itself, unless the platform quotes in it what the peer sent.
    /// </summary>
    public static Exception? Inner(Exception? exception)
    {
        for (var e = exception; e is not null; e = e.InnerException)
        {
            if (e is HttpRequestException
                {
                    HttpRequestError: HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded,
                } bad)
            {
                return new HttpRequestException(
                    bad.HttpRequestError,
                    "The answer is not what HTTP allows; what it was is not told, since it may be private.");
            }
        }

        return exception;
    }
}
