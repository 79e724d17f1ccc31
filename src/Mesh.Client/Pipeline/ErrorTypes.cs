using System.Globalization;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>Values of <c>error.type</c>: a status code, or a reason of the mesh.</summary>
internal static class ErrorTypes
{
    private static readonly string[] StatusCodes =
        [.. Enumerable.Range(0, 600).Select(code => code.ToString(CultureInfo.InvariantCulture))];

    /// <summary>What failed, or <see langword="null"/> when nothing did.</summary>
    public static string? Of(in AttemptVerdict verdict)
    {
        if (verdict.StatusCode is > 0 and < 600)
        {
            return verdict.StatusCode >= 400 ? StatusCodes[verdict.StatusCode] : null;
        }

        return verdict.Outcome == AttemptOutcome.Cancelled && verdict.Reason != MeshFailureReason.Deadline
            ? MeshReasons.Cancelled
            : verdict.Reason.Word();
    }
}
