using Mesh.ConfigServer.Commands;
using Mesh.ConfigServer.Tests.Support;

namespace Mesh.ConfigServer.Tests.Commands;

public sealed class ValidateCommandTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("mesh-validate-").FullName;
    private readonly StringWriter _output = new();
    private readonly StringWriter _errors = new();

    public void Dispose()
    {
        Directory.Delete(_folder, recursive: true);
        _output.Dispose();
        _errors.Dispose();
    }

    [Fact]
    public async Task AllGood_IsZero()
    {
        Assert.Equal(0, await RunAsync(
            Write("policy/services/orders.json", Texts.Attempts3), Write("switches/global.json", Texts.Bypass)));
        Assert.Contains("accepted as policy/services/orders", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("accepted as switches/global", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task OneBad_IsOne_AndAllProblemsAreNamed()
    {
        Assert.Equal(1, await RunAsync(
            Write("policy/services/orders.json", Texts.TwoMistakes), Write("policy/global.json", Texts.Attempts3)));
        Assert.Contains("orders.json: /retry/maxAttempts", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("orders.json: /tmeout", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("accepted as policy/global", _output.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SecurityOfAService_LessThanTheGlobalFileLocks_IsOne()
    {
        var global = Write(
            "security/global.json",
            """{ "schema": 1, "inbound": { "intentions": "enforce" }, "locked": ["inbound.intentions"] }""");
        var orders = Write("security/services/orders.json", """{ "schema": 1, "inbound": { "intentions": "shadow" } }""");

        Assert.Equal(1, await RunAsync(orders, global));
        Assert.Contains("orders.json: /inbound/intentions", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("[locked]", _output.ToString(), StringComparison.Ordinal);
        Assert.Contains("accepted as security/global", _output.ToString(), StringComparison.Ordinal);

        Assert.Equal(0, await RunAsync(orders));
    }

    [Fact]
    public async Task Key_CanBeGiven() =>
        Assert.Equal(0, await RunAsync("--key", "policy/services/orders", Write("anything.txt", Texts.Attempts3)));

    [Fact]
    public async Task Misuse_IsTwo_WithWhatToDo()
    {
        Assert.Equal(2, await RunAsync());
        Assert.Contains("Usage", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await RunAsync("--help"));
        Assert.Equal(2, await RunAsync(Write("anything.json", Texts.Attempts3)));
        Assert.Contains("--key", _errors.ToString(), StringComparison.Ordinal);
        Assert.Equal(2, await RunAsync(Path.Combine(_folder, "policy/services/absent.json")));
    }

    private Task<int> RunAsync(params string[] args) => ValidateCommand.RunAsync(args, _output, _errors);

    private string Write(string name, string content)
    {
        var file = Path.Combine(_folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
        return file;
    }
}
