using System.Globalization;

namespace Mesh.Client.Attempts;

/// <summary>What <c>grpc-retry-pushback-ms</c> says: nothing, when to retry, or not to.</summary>
/// <param name="IsGiven">The server sent one.</param>
/// <param name="Delay">When to retry; <see langword="null"/> means: not at all.</param>
internal readonly record struct Pushback(bool IsGiven, TimeSpan? Delay)
{
    /// <summary>The header's name.</summary>
    public const string Header = "grpc-retry-pushback-ms";

    /// <summary>Reads the header's value; anything but a number from 0 means: do not retry.</summary>
    public static Pushback Parse(string? value)
    {
        if (value is null)
        {
            return default;
        }

        return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds)
            ? new Pushback(true, TimeSpan.FromMilliseconds(milliseconds))
            : new Pushback(true, null);
    }
}
