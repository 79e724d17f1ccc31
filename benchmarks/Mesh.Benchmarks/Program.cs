using System.CommandLine;
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Mesh.Benchmarks;
using Mesh.Benchmarks.Quick;

var quick = new Option<bool>("--quick")
{
    Description = "Two minutes: all variants interleaved, against the gates; exit code 1 when a byte gate is missed.",
};
var output = new Option<FileInfo?>("--output") { Description = "With --quick: writes the tables into this file too." };
var command = new RootCommand("What a call costs. Without --quick, BenchmarkDotNet: its own options are passed on.")
{
    quick, output,
};
command.TreatUnmatchedTokensAsErrors = false;
command.SetAction(async (parsed, cancellationToken) =>
{
    if (!parsed.GetValue(quick))
    {
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly)
            .Run([.. parsed.UnmatchedTokens], MicroConfig.Create());
        return 0;
    }

    using var text = new StringWriter();
    var code = await QuickRun.RunAsync(new TeeWriter(Console.Out, text), cancellationToken);
    if (parsed.GetValue(output) is { } file)
    {
        await File.WriteAllTextAsync(file.FullName, text.ToString(), cancellationToken);
    }

    return code;
});
return await command.Parse(args).InvokeAsync();
