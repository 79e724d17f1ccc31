using System.Diagnostics;
using System.Runtime.InteropServices;
using Mesh.Scenarios.Tests.Support;
using Mesh.Testing;
using Mesh.Tests.Shared;
using Xunit.Abstractions;

namespace Mesh.Scenarios.Tests.Packaging;

/// <summary>What a user gets: packages that restore, build the README's program, and publish as Native AOT.</summary>
public sealed class PackageTests(ITestOutputHelper log) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(8);

    private static readonly string[] Publish =
        ["publish", "-c", "Release", "-r", RuntimeInformation.RuntimeIdentifier, "-o", "published"];

    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-packages-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Packages_BuildTheReadmeProgram_AndItsPublishedBinaryCallsWhatItFindsInConsul()
    {
        var version = $"0.1.0-test.{Random.Shared.Next(1_000_000)}";
        var packages = Path.Combine(_folder, "packages");
        await PackAsync(version, packages);
        foreach (var name in (string[])["Mesh.Policy", "Mesh.Consul", "Mesh.Client", "Mesh.AspNetCore", "Mesh.OpenTelemetry", "Mesh.Testing", "Mesh.ConfigServer"])
        {
            Assert.True(File.Exists(Path.Combine(packages, $"{name}.{version}.nupkg")), $"{name} was not packed.");
        }

        var project = CreateProject(version, packages);
        await DotnetAsync(project, "build", "-c", "Release", "-warnaserror");
        AddTelemetry(project);
        await CallThroughConsulAsync(await PublishAsync(project));
    }

    /// <summary>
    /// Publishes as Native AOT. Where that cannot be done (no linker, or a registry without the runtime pack for it), the
    /// same analysis runs by way of a trimmed, self-contained publish, and that binary is run instead.
    /// </summary>
    private async Task<string> PublishAsync(string project)
    {
        var (exitCode, output) = (1, "There is no native linker: no gcc or clang on the path.");
        if (HasNativeLinker())
        {
            (exitCode, output) = await Command.TryRunAsync(project, Patience, "dotnet", [.. Publish, "-p:PublishAot=true"]);
            var packIsMissing = output.Contains("NU1101", StringComparison.Ordinal) &&
                output.Contains(".Runtime.NativeAOT.", StringComparison.Ordinal);
            Assert.True(exitCode == 0 || packIsMissing, output);
        }
        else
        {
            Assert.True(Environment.GetEnvironmentVariable("CI") != "true", output);
        }

        log.WriteLine(exitCode == 0 ? "Published as Native AOT." : "Native AOT is not possible here, so trimmed. " + output);
        if (exitCode != 0)
        {
            output = await DotnetAsync(
                project, [.. Publish, "--self-contained", "-p:PublishTrimmed=true", "-p:TrimMode=full",
                "-p:TrimmerSingleWarn=false", "-p:EnableAotAnalyzer=true"]);
        }

        Assert.DoesNotContain(output.Split('\n'), l => l.Contains("warning IL", StringComparison.Ordinal));
        return Path.Combine(project, "published", "Readme");
    }

    private static async Task CallThroughConsulAsync(string binary)
    {
        await using var consul = await ConsulAgent.StartAsync();
        using var callee = Command.Start(
            AppContext.BaseDirectory, Settings(consul), "dotnet", Sample("HelloMesh", "Callee", "HelloMesh.Callee.dll"), "--urls", "http://127.0.0.1:0");
        using var caller = Command.Start(
            AppContext.BaseDirectory, Settings(consul), binary, "--urls", "http://127.0.0.1:0");
        try
        {
            var address = await ListeningAddressAsync(caller);
            using var client = new HttpClient();
            var answer = await EventuallyAsync(() => client.GetStringAsync(address));
            Assert.Contains($"from process {callee.Id}", answer, StringComparison.Ordinal);
            var metrics = await client.GetStringAsync(address + "/metrics");
            Assert.Contains("mesh_client_request_duration_seconds_count{", metrics, StringComparison.Ordinal);
        }
        finally
        {
            callee.Kill();
            caller.Kill();
        }
    }

    private static Dictionary<string, string> Settings(ConsulAgent consul) => new()
    {
        ["CONSUL_HTTP_ADDR"] = consul.Address.ToString(),
        ["Mesh__Snapshot__Enabled"] = "false",
        ["DOTNET_ENVIRONMENT"] = "Production",
    };

    private static async Task<string> ListeningAddressAsync(Process process)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (await process.StandardOutput.ReadLineAsync(timeout.Token) is { } line)
        {
            if (line.IndexOf("http://127.0.0.1:", StringComparison.Ordinal) is var at and >= 0)
            {
                _ = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
                return line[at..].Trim();
            }
        }

        throw new InvalidOperationException($"It ended without listening: {await process.StandardError.ReadToEndAsync()}");
    }

    private static async Task<string> EventuallyAsync(Func<Task<string>> call)
    {
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(200))
        {
            try
            {
                return await call();
            }
            catch (HttpRequestException) when (waited.Elapsed < TimeSpan.FromSeconds(30))
            {
                // The callee has not registered yet.
            }
        }
    }

    private static string Sample(params string[] path)
    {
        var output = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        return Path.Combine([
            PublicSurface.RepositoryRoot(), "samples", .. path[..^1], "bin", output.Parent!.Name, output.Name, path[^1]]);
    }

    private static bool HasNativeLinker() =>
        OperatingSystem.IsWindows() ||
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Any(f => File.Exists(Path.Combine(f, "gcc")) || File.Exists(Path.Combine(f, "clang")));

    /// <summary>What is published has telemetry too: the two further lines of the README.</summary>
    private static void AddTelemetry(string project)
    {
        var file = Path.Combine(project, "Program.cs");
        var program = File.ReadAllText(file);
        File.WriteAllText(file, program
            .Replace(".AddServer();", ".AddServer().AddOpenTelemetry();", StringComparison.Ordinal)
            .Replace("app.Run();", "app.MapMeshMetrics();\napp.Run();", StringComparison.Ordinal));
    }

    private static Task PackAsync(string version, string packages) => DotnetAsync(
        PublicSurface.RepositoryRoot(), "pack", "Mesh.Client.sln", "-c", "Release", "-o", packages, $"-p:Version={version}",
        "-p:UseArtifactsOutput=true", $"-p:ArtifactsPath={Path.Combine(Path.GetDirectoryName(packages)!, "artifacts")}");

    private static Task<string> DotnetAsync(string folder, params string[] arguments) =>
        Command.RunAsync(folder, Patience, "dotnet", arguments);

    /// <summary>A project as a user would have it; packages of this run come from the folder, others from the user's source.</summary>
    private string CreateProject(string version, string packages)
    {
        var project = Directory.CreateDirectory(Path.Combine(_folder, "Readme")).FullName;
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ??
                    Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        File.WriteAllText(Path.Combine(project, "Program.cs"), ReadmeProgram.Read());
        File.WriteAllText(Path.Combine(project, "nuget.config"), $"""
            <configuration><packageSources><add key="packed" value="{packages}" /></packageSources></configuration>
            """);
        File.WriteAllText(Path.Combine(project, "Readme.csproj"), $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <Nullable>enable</Nullable>
                <ImplicitUsings>enable</ImplicitUsings>
                <InvariantGlobalization>true</InvariantGlobalization>
                <NuGetAudit>false</NuGetAudit>
                <EnableRequestDelegateGenerator>true</EnableRequestDelegateGenerator>
                <RestorePackagesPath>{Path.Combine(_folder, "restored")}</RestorePackagesPath>
                <RestoreFallbackFolders>{cache}</RestoreFallbackFolders>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="Mesh.AspNetCore" Version="{version}" />
                <PackageReference Include="Mesh.OpenTelemetry" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        return project;
    }
}
