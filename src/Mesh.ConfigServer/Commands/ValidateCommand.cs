using Mesh.ConfigServer.Documents;
using Mesh.Policy;

namespace Mesh.ConfigServer.Commands;

/// <summary>
/// <c>mesh-desk validate file...</c>: what the desk would say about files, for hooks and pipelines. Needs no Consul,
/// and so does not know whether subsets have endpoints. What <c>security/global</c> locks is known when it is among the files.
/// </summary>
internal static class ValidateCommand
{
    private const int Accepted = 0;
    private const int Refused = 1;
    private const int Misused = 2;

    private const string Usage =
        """
        Usage: mesh-desk validate [--key <key>] <file>...
        A file's key follows from its path: policy/services/orders.json, security/global.json, switches/callers/web.json.
        Exit codes: 0 all accepted, 1 at least one refused, 2 misused or unreadable.
        """;

    public static async Task<int> RunAsync(string[] args, TextWriter output, TextWriter errors)
    {
        string? key = null;
        var files = args;
        if (args is ["--key", var given, .. var rest])
        {
            (key, files) = (given, rest);
        }

        if (files.Length == 0 || files.Any(f => f.StartsWith('-')))
        {
            await errors.WriteLineAsync(Usage);
            return Misused;
        }

        var global = key is null ? await ReadGlobalAsync(files) : null;
        var worst = Accepted;
        foreach (var file in files)
        {
            worst = Math.Max(worst, await ValidateAsync(file, key, global, output, errors));
        }

        return worst;
    }

    /// <summary>The document that may lock what the others say; whatever is wrong with it is told when its turn comes.</summary>
    private static async Task<SecurityDocument?> ReadGlobalAsync(string[] files)
    {
        var key = PolicyKey.GlobalSecurity;
        if (Array.Find(files, f => KeyOf(f) == key.ToString()) is not { } file)
        {
            return null;
        }

        try
        {
            return PolicyReader.ReadSecurity(await File.ReadAllBytesAsync(file), key).Document;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static async Task<int> ValidateAsync(
        string file, string? givenKey, SecurityDocument? global, TextWriter output, TextWriter errors)
    {
        if (!PolicyKey.TryParse(givenKey ?? KeyOf(file), out var key, out var reason))
        {
            await errors.WriteLineAsync($"{file}: {reason} Name it with --key.");
            return Misused;
        }

        byte[] content;
        try
        {
            content = await File.ReadAllBytesAsync(file);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            await errors.WriteLineAsync($"{file}: {error.Message}");
            return Misused;
        }

        var verdict = Judge.ReadAuthors(key, new PolicyRevision("", 0, PolicyRevision.HashOf(content)), content);
        if (key.Scope == PolicyScope.Service && verdict.Good?.Security is { } security &&
            SecurityLocks.FindLoosened(global, security) is { Count: > 0 } loosened)
        {
            verdict = verdict with { Problems = loosened, Good = null };
        }

        foreach (var problem in verdict.Problems)
        {
            await output.WriteLineAsync($"{file}: {problem} [{problem.Code}]");
        }

        foreach (var ignored in verdict.Ignored)
        {
            await output.WriteLineAsync($"{file}: ignored {ignored} [{ignored.Code}]");
        }

        if (verdict.Good is null)
        {
            return Refused;
        }

        await output.WriteLineAsync($"{file}: accepted as {key}");
        return Accepted;
    }

    /// <summary>
    /// The end of the path from <c>policy</c>, <c>security</c> or <c>switches</c> on, without the extension.
    /// </summary>
    private static string KeyOf(string file)
    {
        var full = Path.ChangeExtension(Path.GetFullPath(file), null).Replace('\\', '/');
        var parts = full.Split('/');
        for (var count = 2; count <= Math.Min(3, parts.Length); count++)
        {
            var key = string.Join('/', parts[^count..]);
            if (PolicyKey.TryParse(key, out _))
            {
                return key;
            }
        }

        return parts[^1];
    }
}
