using System.Globalization;

namespace Mesh.Client.Attempts;

/// <summary>The gRPC statuses the mesh acts on or answers with, and what they say of an endpoint.</summary>
internal static class GrpcStatus
{
    public const int Ok = 0;
    public const int Cancelled = 1;
    public const int Unknown = 2;
    public const int InvalidArgument = 3;
    public const int DeadlineExceeded = 4;
    public const int PermissionDenied = 7;
    public const int ResourceExhausted = 8;
    public const int Internal = 13;
    public const int Unavailable = 14;
    public const int DataLoss = 15;

    /// <summary>The name of the header or trailer.</summary>
    public const string Header = "grpc-status";

    /// <summary>The name of the header or trailer with the words for it.</summary>
    public const string MessageHeader = "grpc-message";

    /// <summary>The status, or -1 when there is none that can be read.</summary>
    public static int Parse(string? value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var status) ? status : -1;

    public static AttemptOutcome Outcome(int status) => status switch
    {
        Unavailable => AttemptOutcome.GatewayError,
        Unknown or Internal or DataLoss => AttemptOutcome.ServerError,
        ResourceExhausted => AttemptOutcome.Overloaded,
        _ => AttemptOutcome.Success,
    };
}
