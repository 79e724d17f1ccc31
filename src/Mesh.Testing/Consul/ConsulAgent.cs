namespace Mesh.Testing;

/// <summary>
/// A real Consul agent for a test: a process of its own on free loopback ports, ready for KV and catalog calls when
/// <see cref="StartAsync"/> returns, gone when disposed, and gone also when this process is killed.
/// </summary>
/// <example>
/// <code>
/// await using var consul = await ConsulAgent.StartAsync();
/// using var http = new HttpClient { BaseAddress = consul.Address };
/// await http.PutAsync("/v1/kv/greeting", new StringContent("hello"));
/// </code>
/// </example>
public sealed partial class ConsulAgent : IAsyncDisposable
{
    private const int PortAttempts = 5;

    private readonly ConsulAgentOptions _options;
    private readonly string _binary;
    private readonly Version _version;
    private readonly BoundedLog _log = new();
    private readonly ConsulApi _api;
    private readonly ConsulAcl _acl;

    // Guards the change of _process: start, stop, kill and restart follow one another. Held across awaits.
    private readonly SemaphoreSlim _lifecycle = new(1, 1);
    private volatile SupervisedProcess? _process;
    private bool _disposed;

    private ConsulAgent(ConsulAgentOptions options, ConsulAgentPorts ports, string binary, string version)
    {
        _options = options;
        Ports = ports;
        _binary = binary;
        _version = ConsulVersion.Parse(version);
        Version = version;
        Address = new Uri($"http://127.0.0.1:{ports.Http}");
        ManagementToken = options.AclDefaultDeny
            ? options.ManagementToken ?? options.JoinWan?.ManagementToken ?? Guid.NewGuid().ToString()
            : null;
        _api = new ConsulApi(Address, ManagementToken);
        _acl = new ConsulAcl(_api);
    }

    /// <summary>The HTTP API, <c>http://127.0.0.1:port</c>. Stays the same over restarts.</summary>
    public Uri Address { get; }

    /// <summary>The agent's datacenter.</summary>
    public string Datacenter => _options.Datacenter;

    /// <summary>The version of the binary, for example <c>1.8.7</c>.</summary>
    public string Version { get; }

    /// <summary>The agent's own process id; another one after a restart. The last one when it is not running.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Whether the agent's process exists (a paused one does).</summary>
    public bool IsRunning => _process is { Exited.IsCompleted: false };

    /// <summary>A token that may do everything, or <see langword="null"/> without ACLs.</summary>
    public string? ManagementToken { get; }

    /// <summary>The ports the agent listens on. Stay the same over restarts.</summary>
    public ConsulAgentPorts Ports { get; }

    /// <summary>The port another datacenter's server joins.</summary>
    public int SerfWanPort => Ports.SerfWan;

    /// <summary>What the agent printed so far, over all its restarts; the last 256 Ki characters of it.</summary>
    public string Log => _log.ToString();

    /// <summary>
    /// Starts an agent and waits until it has a leader and takes writes. Finds the binary with
    /// <see cref="ConsulBinary.FindAsync"/> unless the options name one.
    /// </summary>
    /// <param name="options">
    /// How to start it; <see langword="null"/> for an agent in memory, without ACLs, in <c>dc1</c>.
    /// </param>
    /// <param name="cancellationToken">Gives up; nothing is left running.</param>
    /// <exception cref="ConsulNotFoundException">No binary was found; the message names every way tried.</exception>
    /// <exception cref="ConsulAgentException">
    /// The agent ended, or was not ready in time; the message has its log.
    /// </exception>
    /// <exception cref="ArgumentException">An option makes no sense.</exception>
    public static async Task<ConsulAgent> StartAsync(
        ConsulAgentOptions? options = null, CancellationToken cancellationToken = default)
    {
        options = options?.Copy() ?? new ConsulAgentOptions();
        options.Validate();
        var binary = options.BinaryPath ?? await ConsulBinary.FindAsync(cancellationToken).ConfigureAwait(false);
        var version = await ConsulVersion.OfAsync(binary, cancellationToken).ConfigureAwait(false);
        for (var attempt = 1; ; attempt++)
        {
            var ports = options.Ports ?? FreePorts.Take(Random.Shared);
            var agent = new ConsulAgent(options, ports, binary, version);
            try
            {
                await agent.StartProcessAsync(cancellationToken).ConfigureAwait(false);
                return agent;
            }
            catch (ConsulAgentException taken) when (
                options.Ports is null && attempt < PortAttempts &&
                taken.Log.Contains("address already in use", StringComparison.OrdinalIgnoreCase))
            {
                // Another process took a port between our choosing it and the agent's binding it: choose others.
                await agent.DisposeAsync().ConfigureAwait(false);
            }
            catch
            {
                await agent.DisposeAsync().ConfigureAwait(false);
                throw;
            }
        }
    }

    /// <summary>
    /// Asks the agent to end (SIGTERM; on Windows <c>PUT /v1/agent/leave</c>) and waits for it, killing it after
    /// <see cref="ConsulAgentOptions.StopTimeout"/>. Also ends a paused agent. Does nothing when it is not running.
    /// </summary>
    public Task StopAsync() => UnderLifecycleAsync(StopLockedAsync);

    /// <summary>Ends the agent at once (SIGKILL), as a crash would. Does nothing when it is not running.</summary>
    public Task KillAsync() => UnderLifecycleAsync(KillLockedAsync);

    /// <summary>
    /// Freezes the agent (SIGSTOP): connections are accepted by the kernel and nothing answers.
    /// </summary>
    /// <exception cref="InvalidOperationException">The agent is not running.</exception>
    /// <exception cref="PlatformNotSupportedException">Windows has no signal that pauses a process.</exception>
    public void Pause()
    {
        Signal(UnixSignal.Stop);
        UnixSignal.WaitUntilStopped(ProcessId);
    }

    /// <summary>Lets a paused agent go on (SIGCONT). Harmless on a running one.</summary>
    /// <exception cref="InvalidOperationException">The agent is not running.</exception>
    /// <exception cref="PlatformNotSupportedException">Windows has no signal that pauses a process.</exception>
    public void Resume() => Signal(UnixSignal.Continue);

    /// <summary>
    /// Stops the agent if it runs and starts it again on the same ports, ready when this returns. With a
    /// <see cref="ConsulAgentOptions.DataFolder"/> it keeps its data; without one it comes back empty, its index too,
    /// except for the tokens of <see cref="CreateTokenAsync"/>, which are made again with their secrets and rules.
    /// </summary>
    /// <exception cref="ConsulAgentException">It did not come back; the message has its log.</exception>
    public Task RestartAsync(CancellationToken cancellationToken = default) => UnderLifecycleAsync(async () =>
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        await StopLockedAsync().ConfigureAwait(false);
        await StartProcessAsync(cancellationToken).ConfigureAwait(false);
        if (_options.DataFolder is null)
        {
            await _acl.RestoreAsync(cancellationToken).ConfigureAwait(false);
        }
    });

    /// <summary>
    /// Makes a token with a policy of its own. Needs <see cref="ConsulAgentOptions.AclDefaultDeny"/>.
    /// </summary>
    /// <param name="rules">
    /// The policy's rules in Consul's words, for example <c>service_prefix "" { policy = "read" }</c>.
    /// </param>
    /// <param name="cancellationToken">Gives up waiting.</param>
    /// <returns>The token's secret.</returns>
    /// <exception cref="ConsulAgentException">Consul refused; the message has its words.</exception>
    public Task<string> CreateTokenAsync(string rules, CancellationToken cancellationToken = default) =>
        AclOrThrow().CreateAsync(rules, cancellationToken);

    /// <summary>
    /// Replaces the rules of a token made by <see cref="CreateTokenAsync"/>, for example to narrow it.
    /// </summary>
    /// <exception cref="ArgumentException">The token was not made here, or is deleted.</exception>
    /// <exception cref="ConsulAgentException">Consul refused; the message has its words.</exception>
    public Task UpdateTokenAsync(string secret, string rules, CancellationToken cancellationToken = default) =>
        AclOrThrow().UpdateAsync(secret, rules, cancellationToken);

    /// <summary>Deletes a token made by <see cref="CreateTokenAsync"/>, and its policy.</summary>
    /// <exception cref="ArgumentException">The token was not made here, or is deleted.</exception>
    /// <exception cref="ConsulAgentException">Consul refused; the message has its words.</exception>
    public Task DeleteTokenAsync(string secret, CancellationToken cancellationToken = default) =>
        AclOrThrow().DeleteAsync(secret, cancellationToken);

    /// <summary>Ends the agent at once and gives its ports back. A data folder stays.</summary>
    public async ValueTask DisposeAsync()
    {
        await UnderLifecycleAsync(async () =>
        {
            if (_disposed)
            {
                return;
            }

            _disposed = true;
            await KillLockedAsync().ConfigureAwait(false);
            _api.Dispose();
            if (_options.Ports is null)
            {
                FreePorts.Release(Ports);
            }
        }).ConfigureAwait(false);
    }

    private ConsulAcl AclOrThrow() => ManagementToken is null
        ? throw new InvalidOperationException("The agent runs without ACLs; start it with AclDefaultDeny.")
        : _acl;

    private void Signal(int signal)
    {
        if (OperatingSystem.IsWindows())
        {
            throw new PlatformNotSupportedException("Windows has no signal that pauses a process.");
        }

        if (_process?.Signal(signal) != true)
        {
            throw new InvalidOperationException("The agent is not running.");
        }
    }

    private async Task UnderLifecycleAsync(Func<Task> change)
    {
        await _lifecycle.WaitAsync().ConfigureAwait(false);
        try
        {
            await change().ConfigureAwait(false);
        }
        finally
        {
            _lifecycle.Release();
        }
    }

    private async Task KillLockedAsync()
    {
        if (_process is { } process)
        {
            await process.KillAsync().ConfigureAwait(false);
            _process = null;
        }
    }

    private async Task StopLockedAsync()
    {
        if (_process is not { } process)
        {
            return;
        }

        if (OperatingSystem.IsWindows())
        {
            await _api.TryAsync(HttpMethod.Put, "/v1/agent/leave", null, CancellationToken.None).ConfigureAwait(false);
        }
        else
        {
            process.Signal(UnixSignal.Terminate);
            process.Signal(UnixSignal.Continue);
        }

        try
        {
            await process.Exited.WaitAsync(_options.StopTimeout, TimeProvider.System).ConfigureAwait(false);
            _process = null;
        }
        catch (TimeoutException)
        {
            await KillLockedAsync().ConfigureAwait(false);
        }
    }

    private async Task StartProcessAsync(CancellationToken cancellationToken)
    {
        if (_options.DataFolder is { } folder)
        {
            Directory.CreateDirectory(folder);
        }

        var run = Guid.NewGuid().ToString("N");
        var arguments = ConsulConfiguration.Arguments(_options, Ports, ManagementToken, _version, run);
        var process = await SupervisedProcess.StartAsync(_binary, arguments, _log, cancellationToken)
            .ConfigureAwait(false);
        _process = process;
        ProcessId = process.Id;
        using var timeout = new CancellationTokenSource(_options.StartTimeout, TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        var ready = WaitUntilReadyAsync(run, either.Token);
        try
        {
            if (await Task.WhenAny(ready, process.Exited).ConfigureAwait(false) == ready)
            {
                await ready.ConfigureAwait(false);
                return;
            }

            var code = await process.Exited.ConfigureAwait(false);
            throw new ConsulAgentException(
                $"The Consul agent ({_binary}) ended with exit code {code} before it was ready.", Log);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ConsulAgentException(
                $"The Consul agent ({_binary}) was not ready within {_options.StartTimeout}.", Log, e);
        }
        finally
        {
            if (!ready.IsCompletedSuccessfully)
            {
                await either.CancelAsync().ConfigureAwait(false);
                await KillLockedAsync().ConfigureAwait(false);
                await ready.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    private async Task WaitUntilReadyAsync(string run, CancellationToken cancellationToken)
    {
        await ConsulReadiness.WaitAsync(_api, ManagementToken is not null, run, cancellationToken)
            .ConfigureAwait(false);
        if (_options.JoinWan is { } other)
        {
            await ConsulReadiness.WaitForDatacenterAsync(_api, other.Datacenter, cancellationToken)
                .ConfigureAwait(false);
            await ConsulReadiness.WaitForDatacenterAsync(other._api, Datacenter, cancellationToken)
                .ConfigureAwait(false);
        }
        else if (_options.JoinWanAddress is not null)
        {
            await ConsulReadiness.WaitForAnyOtherDatacenterAsync(_api, cancellationToken).ConfigureAwait(false);
        }

        if (_options.Connect)
        {
            await ConsulReadiness.WaitForAuthorityAsync(_api, cancellationToken).ConfigureAwait(false);
        }
    }
}
