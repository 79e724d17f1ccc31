using Microsoft.Extensions.Configuration;

namespace Mesh.ConfigServer.Tests;

public sealed class DeskOptionsBindingTests
{
    [Fact]
    public void Durations_AreWrittenAsInTheRestOfTheMesh()
    {
        var options = Read(("Heartbeat", "2s"), ("Coalesce", "50ms"), ("MaxStreams", "7"), ("Register", "false"), ("Mesh", "m"));

        Assert.Empty(options.Unreadable);
        Assert.Equal(TimeSpan.FromSeconds(2), options.Heartbeat);
        Assert.Equal(TimeSpan.FromMilliseconds(50), options.Coalesce);
        Assert.Equal((7, false, "m"), (options.MaxStreams, options.Register, options.Mesh));
    }

    [Fact]
    public void EveryUnreadableValue_IsAProblem()
    {
        var options = Read(("Heartbeat", "5"), ("MaxClients", "many"));

        var problems = new DeskOptionsValidator().Validate(null, options).Failures!;

        Assert.Equal(2, problems.Count());
        Assert.Contains(problems, p => p.StartsWith("Desk:Heartbeat is '5'; write a duration", StringComparison.Ordinal));
    }

    private static DeskOptions Read(params (string Key, string Value)[] settings)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(
            settings.Select(s => KeyValuePair.Create("Desk:" + s.Key, (string?)s.Value))).Build();
        var options = new DeskOptions();
        new DeskOptionsBinding(configuration).Configure(options);
        return options;
    }
}
