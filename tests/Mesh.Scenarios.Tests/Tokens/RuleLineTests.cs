using Mesh.Consul;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Tokens;

/// <summary>
/// The README's Consul rules are enough for what each role does, and none of them too much: without any line something
/// named stops working, and says which rule is missing.
/// </summary>
public sealed class RuleLineTests(RuleBench bench) : IClassFixture<RuleBench>
{
    private const string Services = """service_prefix "" { policy = "read" }""";
    private const string Nodes = """node_prefix "" { policy = "read" }""";
    private const string Keys = """key_prefix "mesh/" { policy = "list" }""";
    private const string History = """key_prefix "mesh-history/" { policy = "write" }""";
    private const string Doors = """key_prefix "mesh/security/" { policy = "write" }""";
    private const string SeesOrders = """service "orders" { policy = "read" }""";

    /// <summary>Role, line, what stops without it, and what is said of that.</summary>
    public static TheoryData<string, string, string, string> Cases => new()
    {
        { "client", Services, "calls", SeesOrders },
        { "client", Nodes, "calls", Nodes },
        { "client", Keys, "policy", Keys },
        { "service", Services, "calls", SeesOrders },
        { "service", Nodes, "calls", Nodes },
        { "service", Keys, "policy", Keys },
        { "service", Registers("orders"), "registration", Registers("pay") },
        { "desk", Services, "subsets", SeesOrders },
        { "desk", Nodes, "subsets", Nodes },
        { "desk", Keys, "documents, history", Keys },
        { "desk", History, "history", History },
        { "desk", Registers("mesh-desk"), "registration", Registers("mesh-desk") },
        { "editor", Writes("mesh/policy/services/orders"), "policy", Writes("mesh/policy/services/orders") },
        { "editor", Writes("mesh/switches/services/orders"), "switch", Writes("mesh/switches/services/orders") },
        { "security", Doors, "global, service", Writes("mesh/security/global") },

        // A listing leaves out what the token may not see, and Consul's own tools say no word about it.
        { "ci", Keys, "documents", "" },
    };

    public static TheoryData<string> Roles => [.. Named];

    private static string[] Named => ["client", "service", "desk", "editor", "security", "ci"];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Line_Removed_SomethingNamedStopsAndSaysWhy(string role, string line, string stops, string says)
    {
        await using var work = await bench.StartAsync(role, TokenRules.Lines(role).Where(l => l != line));

        var stopped = stops.Split(", ");
        foreach (var other in work.Names.Except(stopped))
        {
            await EventuallyWorksAsync(work, other);
        }

        await Eventually.TrueAsync(
            async () => !await work.WorksAsync(stopped[0]) &&
                        (await work.SaidAsync()).Contains(says, StringComparison.Ordinal),
            $"{stops} to stop without {line}, saying {says}");
        foreach (var name in stopped)
        {
            Assert.False(
                await work.WorksAsync(name), $"{name} works without {line}: the README's {role} does not need it.");
        }
    }

    [Theory]
    [MemberData(nameof(Roles))]
    public async Task Lines_AllOfThem_EverythingWorksAndNothingIsMissed(string role)
    {
        await using var work = await bench.StartAsync(role, TokenRules.Lines(role));

        foreach (var name in work.Names)
        {
            await EventuallyWorksAsync(work, name);
        }

        Assert.DoesNotContain("acl", await work.SaidAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public void Cases_AreEveryLineOfTheReadme() => Assert.Equal(
        Named.SelectMany(r => TokenRules.Lines(r).Select(l => $"{r}: {l}")).Order(StringComparer.Ordinal),
        Enumerable.Select(Cases, c => $"{c[0]}: {c[1]}").Order(StringComparer.Ordinal));

    [Theory]
    [InlineData("mesh/policy/global")]
    [InlineData("mesh/policy/services/payments")]
    [InlineData("mesh/switches/global")]
    [InlineData("mesh/security/services/orders")]
    public async Task Editor_MayNotWriteWhatIsNotItsOwn(string key)
    {
        var token = await bench.Consul.CreateTokenAsync(TokenRules.Editor);
        using var client = new ConsulClient(
            new ConsulClientOptions { Address = bench.Consul.Address.ToString(), Token = token });

        var error = await Assert.ThrowsAsync<ConsulException>(() => KeyWork.PutAsync(client, key, "{}"));

        Assert.Equal(Writes(key), error.MissingRule);
    }

    [Theory]
    [InlineData("mesh/policy/global")]
    [InlineData("mesh/policy/services/orders")]
    [InlineData("mesh/switches/services/orders")]
    public async Task Security_MayNotWriteWhatIsNotItsOwn(string key)
    {
        var token = await bench.Consul.CreateTokenAsync(string.Join('\n', TokenRules.Lines("security")));
        using var client = new ConsulClient(
            new ConsulClientOptions { Address = bench.Consul.Address.ToString(), Token = token });

        var error = await Assert.ThrowsAsync<ConsulException>(() => KeyWork.PutAsync(client, key, "{}"));

        Assert.Equal(Writes(key), error.MissingRule);
    }

    private static string Registers(string service) => $$"""service "{{service}}" { policy = "write" }""";

    private static string Writes(string key) => $$"""key "{{key}}" { policy = "write" }""";

    private static async Task EventuallyWorksAsync(IRoleWork work, string name)
    {
        try
        {
            await Eventually.TrueAsync(() => work.WorksAsync(name), $"{name} to work");
        }
        catch (Exception error)
        {
            throw new InvalidOperationException($"{error.Message}\n{await work.SaidAsync()}", error);
        }
    }
}
