using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;

namespace Mesh.Client.Tests.Grpc;

/// <summary>
/// Two processes of the grpc-js server beside this file. Its packages are installed once, with the pinned versions and
/// checksums of the lock file, into the user's cache folder.
/// </summary>
public sealed class GrpcServerFixture : IAsyncLifetime
{
    private static readonly TimeSpan InstallPatience = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan StartPatience = TimeSpan.FromSeconds(60);

    private readonly List<Process> _servers = [];

    public int First { get; private set; }

    public int Second { get; private set; }

    public async Task InitializeAsync()
    {
        if (NodeTool.Missing is not null)
        {
            return;
        }

        var folder = await InstallAsync();
        First = await StartAsync(folder);
        Second = await StartAsync(folder);
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            server.StandardInput.Close();
            using var limit = new CancellationTokenSource(StartPatience);
            try
            {
                await server.WaitForExitAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                server.Kill(entireProcessTree: true);
            }

            server.Dispose();
        }
    }

    /// <summary>The folder with the server and its packages; made by the first test process that needs it.</summary>
    private static async Task<string> InstallAsync()
    {
        var source = Path.Combine(AppContext.BaseDirectory, "Grpc", "Server");
        var files = Directory.GetFiles(source).Order(StringComparer.Ordinal).ToList();
        var content = files.SelectMany(File.ReadAllBytes).ToArray();
        var key = Convert.ToHexString(SHA256.HashData(content))[..16].ToLowerInvariant();
        var cache = Environment.GetFolderPath(
            Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create);
        var folder = Path.Combine(cache, "mesh-tests", "grpc-js-" + key);
        Directory.CreateDirectory(folder);

        await using var turn = await TakeTurnAsync(Path.Combine(folder, ".lock"));
        var done = Path.Combine(folder, ".installed");
        if (!File.Exists(done))
        {
            files.ForEach(file => File.Copy(file, Path.Combine(folder, Path.GetFileName(file)), overwrite: true));
            await RunAsync(folder, NodeTool.Find("npm")!, "ci", "--ignore-scripts", "--no-audit", "--no-fund");
            await File.WriteAllTextAsync(done, "");
        }

        return folder;
    }

    private static async Task<FileStream> TakeTurnAsync(string path)
    {
        var watch = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (watch.Elapsed < InstallPatience)
            {
                await Task.Delay(200);
            }
        }
    }

    private static async Task RunAsync(string folder, string tool, params string[] arguments)
    {
        var start = new ProcessStartInfo(tool, arguments)
        {
            WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(InstallPatience);
        var output = process.StandardOutput.ReadToEndAsync(limit.Token);
        var errors = process.StandardError.ReadToEndAsync(limit.Token);
        await process.WaitForExitAsync(limit.Token);
        Assert.True(
            process.ExitCode == 0,
            $"{tool} {string.Join(' ', arguments)} in {folder} ended with {process.ExitCode}: {await output}{await errors}");
    }

    private async Task<int> StartAsync(string folder)
    {
        var start = new ProcessStartInfo(NodeTool.Find("node")!, ["server.js"])
        {
            WorkingDirectory = folder, RedirectStandardInput = true, RedirectStandardOutput = true,
        };
        var process = Process.Start(start)!;
        _servers.Add(process);
        using var limit = new CancellationTokenSource(StartPatience);
        var line = await process.StandardOutput.ReadLineAsync(limit.Token);
        Assert.StartsWith("listening ", line, StringComparison.Ordinal);
        return int.Parse(line!["listening ".Length..], CultureInfo.InvariantCulture);
    }
}
