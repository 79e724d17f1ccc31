using System.Net.Http.Headers;

namespace Mesh.Client.Attempts;

/// <summary>
/// What an attempt that ended with an answer means:
/// <code>
/// answer                                   outcome        also looked at
/// below 500 but 429                        Success
/// 429                                      Overloaded     Retry-After
/// 502, 503, 504                            GatewayError   Retry-After
/// other 5xx                                ServerError
/// gRPC, trailers-only: UNAVAILABLE         GatewayError   grpc-retry-pushback-ms
///   INTERNAL, UNKNOWN, DATA_LOSS           ServerError    grpc-retry-pushback-ms
///   RESOURCE_EXHAUSTED                     Overloaded     grpc-retry-pushback-ms
///   others                                 Success        grpc-retry-pushback-ms
/// 503 or UNAVAILABLE of a member that      Overloaded     proof: its mesh turned the request away
///   says mesh-reason: overloaded                          before its application
/// </code>
/// Any other answer proves nothing about what was executed; a gRPC status in trailers comes after this, from the lease.
/// </summary>
internal static class AnswerTable
{
    /// <param name="statusCode">The HTTP status.</param>
    /// <param name="isGrpc">The call is gRPC's.</param>
    /// <param name="headers">The answer's headers, if it has any.</param>
    /// <param name="member">A member answered: what its mesh says is believed.</param>
    public static AttemptVerdict Classify(
        int statusCode, bool isGrpc, HttpResponseHeaders? headers, bool member = false)
    {
        var verdict = Classify(statusCode, isGrpc, headers);
        return member && headers is not null
            && verdict is { StatusCode: 503 } or { GrpcStatus: GrpcStatus.Unavailable }
            && Value(headers!, MeshHeaders.Reason) == MeshReasons.Overloaded
                ? verdict with { Outcome = AttemptOutcome.Overloaded, Proof = Proof.NotProcessed, IsShed = true }
                : verdict;
    }

    private static AttemptVerdict Classify(int statusCode, bool isGrpc, HttpResponseHeaders? headers)
    {
        if (isGrpc && statusCode == 200 && headers is not null
            && GrpcStatus.Parse(Value(headers, GrpcStatus.Header)) is >= 0 and var status)
        {
            var pushback = status == GrpcStatus.Ok ? default : Pushback.Parse(Value(headers, Pushback.Header));
            return new AttemptVerdict
            {
                Outcome = GrpcStatus.Outcome(status),
                StatusCode = statusCode,
                GrpcStatus = status,
                Pushback = pushback,
                RetryAfter = pushback.Delay < RetryAfter.Cap ? pushback.Delay : null,
            };
        }

        var outcome = statusCode switch
        {
            429 => AttemptOutcome.Overloaded,
            < 500 => AttemptOutcome.Success,
            502 or 503 or 504 => AttemptOutcome.GatewayError,
            _ => AttemptOutcome.ServerError,
        };
        return new AttemptVerdict
        {
            Outcome = outcome,
            StatusCode = statusCode,
            GrpcStatus = -1,
            RetryAfter = headers is not null && statusCode is (429 or 503)
                ? RetryAfter.Parse(Value(headers, RetryAfter.Header), Value(headers, RetryAfter.Date))
                : null,
        };
    }

    /// <summary>The first value of a header, unparsed.</summary>
    public static string? Value(HttpHeaders headers, string name)
    {
        if (headers.NonValidated.TryGetValues(name, out var values))
        {
            foreach (var value in values)
            {
                return value;
            }
        }

        return null;
    }
}
