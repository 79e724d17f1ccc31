namespace Mesh.Client.Telemetry;

/// <summary>Status codes boxed once, so that tagging a measurement allocates nothing.</summary>
internal static class StatusCodeTags
{
    private const int First = 100;
    private const int Last = 599;

    private static readonly object[] Boxed = [.. Enumerable.Range(First, Last - First + 1).Select(code => (object)code)];

    public static object For(int statusCode) =>
        statusCode is >= First and <= Last ? Boxed[statusCode - First] : statusCode;
}
