using System.Text.Json;
using System.Text.Json.Nodes;

namespace Mesh.Policy.Tests.Wire;

/// <summary>
/// The messages of schema 1 as they once went over the wire. These files are never edited: what they hold must stay
/// readable, and must keep its meaning, for as long as schema 1 is spoken.
/// </summary>
public sealed class WireFixtureTests
{
    public static TheoryData<string> Messages => [.. WireSamples.All.Keys.Order(StringComparer.Ordinal)];

    public static TheoryData<string> Words => ["snapshot", "event-change", "list", "report"];

    [Theory]
    [MemberData(nameof(Messages))]
    public void Fixture_ReadAndWrittenAgain_KeepsEveryValue(string name)
    {
        var fixture = Fixture(name);

        var written = ReadAndWrite(name, fixture);

        ShouldContain(written, fixture, name);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void Message_WrittenNow_HoldsWhatTheFixtureHolds(string name)
    {
        var (message, type) = WireSamples.All[name];

        var written = JsonSerializer.SerializeToNode(message, type)!;

        ShouldContain(written, Fixture(name), name);
    }

    [Theory]
    [MemberData(nameof(Messages))]
    public void MessageOfANewerVersion_WithMembersUnknownHere_IsReadAllTheSame(string name)
    {
        var newer = Fixture(name);
        AddLaterMembers(newer);

        ShouldContain(ReadAndWrite(name, newer), Fixture(name), name);
    }

    [Theory]
    [MemberData(nameof(Words))]
    public void MessageOfANewerVersion_WithWordsUnknownHere_ReadsThemAsUnknown(string name)
    {
        var text = Fixture(name).ToJsonString()
            .Replace("\"refused\"", "\"quarantined\"", StringComparison.Ordinal)
            .Replace("\"change\"", "\"quarantined\"", StringComparison.Ordinal);
        Assert.Contains("quarantined", text, StringComparison.Ordinal);

        var written = ReadAndWrite(name, JsonNode.Parse(text)!).ToJsonString();

        Assert.DoesNotContain("quarantined", written, StringComparison.Ordinal);
        Assert.Contains("\"unknown\"", written, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"schema":1,"key":"policy/services/Orders","body":"{}"}""")]
    [InlineData("""{"schema":1,"key":7,"body":"{}"}""")]
    [InlineData("""{"schema":1,"key":"policy/global","body":null}""")]
    [InlineData("""{"schema":1,"key":"policy/global"}""")]
    [InlineData("""{"schema":1,"body":"{}"}""")]
    public void MessageWithoutWhatItNeeds_Read_IsRefused(string text) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(text, MeshWireJson.Default.ValidateRequest));

    [Fact]
    public void StateThatIsNoWord_Read_IsRefused() =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize(
            """{"type":1,"mesh":"mesh","datacenter":"dc1","hash":"00"}""", MeshWireJson.Default.PolicyEvent));

    private static JsonNode Fixture(string name)
    {
        var file = Path.Combine(GoldenFiles.Root, "Wire", "v1", $"{name}.json");
        if (!File.Exists(file) && Environment.GetEnvironmentVariable("MESH_ACCEPT_GOLDEN") == "1")
        {
            // Only a new message gets a fixture; an existing one is never rewritten.
            var (message, _) = WireSamples.All[name];
            File.WriteAllText(file, JsonSerializer.Serialize(message, message.GetType(), TestJson.Indented) + "\n");
        }

        return JsonNode.Parse(File.ReadAllText(file))!;
    }

    private static JsonNode ReadAndWrite(string name, JsonNode message)
    {
        var type = WireSamples.All[name].Type;
        var read = message.Deserialize(type)!;
        Assert.IsType(WireSamples.All[name].Message.GetType(), read);
        return JsonSerializer.SerializeToNode(read, type)!;
    }

    private static void ShouldContain(JsonNode? actual, JsonNode? expected, string path)
    {
        switch (expected)
        {
            case JsonObject wanted:
                var found = Assert.IsType<JsonObject>(actual);
                foreach (var (name, value) in wanted)
                {
                    Assert.True(found.ContainsKey(name), $"{path}/{name} is lost.");
                    ShouldContain(found[name], value, $"{path}/{name}");
                }

                break;
            case JsonArray wanted:
                var items = Assert.IsType<JsonArray>(actual);
                Assert.Equal(wanted.Count, items.Count);
                for (var i = 0; i < wanted.Count; i++)
                {
                    ShouldContain(items[i], wanted[i], $"{path}/{i}");
                }

                break;
            default:
                Assert.True(JsonNode.DeepEquals(expected, actual), $"{path} was {expected} and is now {actual}.");
                break;
        }
    }

    private static void AddLaterMembers(JsonNode? node)
    {
        switch (node)
        {
            case JsonObject members:
                foreach (var (_, value) in members)
                {
                    AddLaterMembers(value);
                }

                members["later"] = new JsonObject { ["list"] = new JsonArray(1, "two", null) };
                break;
            case JsonArray items:
                foreach (var item in items)
                {
                    AddLaterMembers(item);
                }

                break;
            default:
                break;
        }
    }
}
