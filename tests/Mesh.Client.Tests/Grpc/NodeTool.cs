namespace Mesh.Client.Tests.Grpc;

/// <summary>Finds Node.js and its package manager.</summary>
internal static class NodeTool
{
    /// <summary>Why tests that need Node.js cannot run here; <see langword="null"/> when they can.</summary>
    public static string? Missing { get; } = Find("node") is not null && Find("npm") is not null
        ? null
        : "needs a gRPC server that is not ours: node and npm are not on the PATH";

    public static string? Find(string tool) => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .SelectMany(folder => new[] { Path.Combine(folder, tool), Path.Combine(folder, tool + ".exe"), Path.Combine(folder, tool + ".cmd") })
        .FirstOrDefault(File.Exists);
}
