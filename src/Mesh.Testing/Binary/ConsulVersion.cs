using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Mesh.Testing;

/// <summary>
/// Asks a binary for its version: it proves that the binary runs here and needs no agent and no token.
/// </summary>
internal static partial class ConsulVersion
{
    // One answer per file as it is now: a replaced binary has another time of writing.
    private static readonly ConcurrentDictionary<(string Path, DateTime Written), string> Known = new();

    /// <summary>The version, for example <c>1.8.7</c>.</summary>
    /// <exception cref="ConsulAgentException">The file does not run, or is no Consul.</exception>
    public static async Task<string> OfAsync(string binary, CancellationToken cancellationToken)
    {
        var key = (binary, File.GetLastWriteTimeUtc(binary));
        if (!Known.TryGetValue(key, out var version))
        {
            version = await AskAsync(binary, cancellationToken).ConfigureAwait(false);
            Known[key] = version;
        }

        return version;
    }

    /// <summary>The comparable part of a version: <c>1.20.0-beta1</c> and <c>1.20.0+ent</c> are 1.20.0.</summary>
    public static Version Parse(string version) => System.Version.Parse(version.Split('-', '+')[0]);

    private static async Task<string> AskAsync(string binary, CancellationToken cancellationToken)
    {
        ProcessOutput output;
        try
        {
            output = await ProcessOutput.OfAsync(binary, ["version"], TimeSpan.FromSeconds(20), cancellationToken)
                .ConfigureAwait(false);
        }
        catch (Exception e)
            when (e is System.ComponentModel.Win32Exception or InvalidOperationException or TimeoutException)
        {
            throw new ConsulAgentException($"{binary} does not run: {e.Message}", innerException: e);
        }

        var match = FirstLine().Match(output.Text);
        return match.Success
            ? match.Groups[1].Value
            : throw new ConsulAgentException(
                $"{binary} is no Consul binary: \"version\" ended with {output.ExitCode} and printed: " +
                output.Text.Trim());
    }

    [GeneratedRegex(@"^Consul v(\d+\.\d+\.\d+\S*)", RegexOptions.Multiline)]
    private static partial Regex FirstLine();
}
