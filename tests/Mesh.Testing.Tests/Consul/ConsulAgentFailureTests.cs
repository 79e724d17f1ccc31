namespace Mesh.Testing.Tests.Consul;

public sealed class ConsulAgentFailureTests : IDisposable
{
    private const string Version = "if [ \"$1\" = version ]; then echo 'Consul v1.8.7'; exit 0; fi\n";
    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task Start_WithConfigConsulRefuses_ThrowsWithItsLog()
    {
        var failure = await Assert.ThrowsAsync<ConsulAgentException>(
            () => ConsulAgent.StartAsync(new() { ExtraConfig = """{"no_such_setting":1}""" }));

        Assert.Contains("ended with exit code 1", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no_such_setting", failure.Message, StringComparison.Ordinal);
        Assert.Contains("no_such_setting", failure.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithABinaryThatNeverGetsReady_ThrowsAndKillsIt()
    {
        var binary = _folder.Script("consul", Version + "echo \"I am $$\"; exec sleep 600");

        var failure = await Assert.ThrowsAsync<ConsulAgentException>(() => ConsulAgent.StartAsync(
            new() { BinaryPath = binary, StartTimeout = TimeSpan.FromMilliseconds(300) }));

        Assert.Contains("not ready within", failure.Message, StringComparison.Ordinal);
        Assert.False(Processes.IsAlive(int.Parse(failure.Log.Split(' ')[^1])));
    }

    [Fact]
    public async Task Start_Cancelled_LeavesNothingRunning()
    {
        var pidFile = Path.Combine(_folder.Path, "pid");
        var binary = _folder.Script(
            "consul", Version + $"echo $$ > '{pidFile}.part'; mv '{pidFile}.part' '{pidFile}'; exec sleep 600");
        using var giveUp = new CancellationTokenSource();
        var start = ConsulAgent.StartAsync(new() { BinaryPath = binary }, giveUp.Token);
        await Eventually.TrueAsync(() => File.Exists(pidFile));

        await giveUp.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => start);
        Assert.False(Processes.IsAlive(int.Parse(File.ReadAllText(pidFile))));
    }

    [Fact]
    public async Task Start_WhenAPortIsTakenMeanwhile_TriesOthers()
    {
        var real = await ConsulBinary.FindAsync();
        var marker = Path.Combine(_folder.Path, "tried");
        var binary = _folder.Script(
            "consul",
            Version +
            $"if [ ! -e '{marker}' ]; then echo \"$*\" > '{marker}'; echo 'bind: address already in use'; exit 1; fi\n" +
            $"exec '{real}' \"$@\"");

        await using var agent = await ConsulAgent.StartAsync(new() { BinaryPath = binary });

        Assert.DoesNotContain($"\"http\":{agent.Ports.Http},", File.ReadAllText(marker), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_OnGivenPortsThatAreTaken_ThrowsWithoutTryingOthers()
    {
        await using var agent = await ConsulAgent.StartAsync();

        var failure = await Assert.ThrowsAsync<ConsulAgentException>(
            () => ConsulAgent.StartAsync(new() { Ports = agent.Ports }));

        Assert.Contains("address already in use", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithAMissingBinary_NamesIt()
    {
        var failure = await Assert.ThrowsAsync<ConsulAgentException>(
            () => ConsulAgent.StartAsync(new() { BinaryPath = "/no/such/consul" }));

        Assert.Contains("/no/such/consul does not run", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Start_WithABinaryThatIsNoConsul_SaysWhatItPrinted()
    {
        var binary = _folder.Script("consul", "echo 'I am a teapot'");

        var failure = await Assert.ThrowsAsync<ConsulAgentException>(
            () => ConsulAgent.StartAsync(new() { BinaryPath = binary }));

        Assert.Contains("teapot", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_AgentThatTakesTooLong_IsKilled()
    {
        await using var agent = await ConsulAgent.StartAsync(new() { StopTimeout = TimeSpan.FromTicks(1) });

        await agent.StopAsync();

        Assert.False(agent.IsRunning);
        Assert.False(Processes.IsAlive(agent.ProcessId));
    }

    [Fact]
    public async Task Restart_WhenItsPortIsTakenMeanwhile_ThrowsWithTheLog()
    {
        await using var agent = await ConsulAgent.StartAsync();
        await agent.KillAsync();
        await using var squatter = await HttpBackend.StartAsync(new() { Port = agent.Ports.Http });

        var failure = await Assert.ThrowsAsync<ConsulAgentException>(() => agent.RestartAsync());

        Assert.Contains("address already in use", failure.Message, StringComparison.Ordinal);
        Assert.False(agent.IsRunning);
    }

    [Fact]
    public async Task Agent_KilledByAnother_IsSeenAndCanRestart()
    {
        await using var agent = await ConsulAgent.StartAsync();

        System.Diagnostics.Process.GetProcessById(agent.ProcessId).Kill();
        await Eventually.TrueAsync(() => !agent.IsRunning);
        Assert.Throws<InvalidOperationException>(agent.Resume);
        await agent.RestartAsync();

        Assert.True(agent.IsRunning);
    }

    [Fact]
    public async Task Start_WithOptionsThatMakeNoSense_SaysWhich()
    {
        await AssertRefusedAsync("Datacenter", new() { Datacenter = "DC 1" });
        await AssertRefusedAsync("StartTimeout", new() { StartTimeout = TimeSpan.Zero });
        await AssertRefusedAsync("ManagementToken", new() { ManagementToken = "root", AclDefaultDeny = true });
        await AssertRefusedAsync("ManagementToken", new() { ManagementToken = Guid.NewGuid().ToString() });
        await using var agent = await ConsulAgent.StartAsync();
        await AssertRefusedAsync("JoinWan", new() { JoinWan = agent });
        await AssertRefusedAsync("JoinWan", new() { JoinWan = agent, Datacenter = "dc2", AclDefaultDeny = true });
    }

    [Fact]
    public void Log_BeyondItsBound_KeepsTheLastLines()
    {
        var log = new BoundedLog(maxCharacters: 10);
        log.Add("first");
        log.Add("second");
        log.Add("3");

        Assert.Equal("second\n3", log.ToString());
        log.Add("longer than all of it");
        Assert.Equal("longer than all of it", log.ToString());
    }

    public void Dispose() => _folder.Dispose();

    private static async Task AssertRefusedAsync(string word, ConsulAgentOptions options)
    {
        var failure = await Assert.ThrowsAsync<ArgumentException>(() => ConsulAgent.StartAsync(options));
        Assert.Contains(word, failure.Message, StringComparison.Ordinal);
    }
}
