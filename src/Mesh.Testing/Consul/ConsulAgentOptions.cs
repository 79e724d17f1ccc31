namespace Mesh.Testing;

/// <summary>How a <see cref="ConsulAgent"/> is started. Every value has a default that suits a unit test.</summary>
public sealed class ConsulAgentOptions
{
    /// <summary>
    /// The agent's datacenter. Lower-case letters, digits, <c>-</c> and <c>_</c>. Default: <c>dc1</c>.
    /// </summary>
    public string Datacenter { get; set; } = "dc1";

    /// <summary>
    /// The node's name in the catalog. Default (<see langword="null"/>): the datacenter and the server port, so that
    /// agents started together never share a name.
    /// </summary>
    public string? NodeName { get; set; }

    /// <summary>
    /// A running agent of another datacenter to join over WAN. The start then also waits until each datacenter can read
    /// the other. With ACLs both sides must have them; the joined agent is the primary datacenter and this agent takes
    /// over its <see cref="ConsulAgent.ManagementToken"/>. Default: none.
    /// </summary>
    public ConsulAgent? JoinWan { get; set; }

    /// <summary>
    /// The WAN address (<c>host:serf-wan-port</c>) of a server that is not a <see cref="ConsulAgent"/> of this process,
    /// to join over WAN. The start waits until a second datacenter is known. Default: none.
    /// </summary>
    public string? JoinWanAddress { get; set; }

    /// <summary>
    /// Switches ACLs on with the default policy <c>deny</c>; <see cref="ConsulAgent.ManagementToken"/> then holds a
    /// token that may do everything. Default: off.
    /// </summary>
    public bool AclDefaultDeny { get; set; }

    /// <summary>
    /// The management token's secret, a UUID; only used with <see cref="AclDefaultDeny"/>. Set it to reopen a
    /// <see cref="DataFolder"/> that an earlier agent wrote. Default: a new random one.
    /// </summary>
    public string? ManagementToken { get; set; }

    /// <summary>
    /// Switches Consul Connect on: the agent then has a certificate authority, and every process of the mesh that uses it
    /// gets an identity and speaks mTLS. <see cref="ConsulAgent.RotateRootAsync"/> needs it. Default: off, and processes
    /// have no identity unless they are given one otherwise.
    /// </summary>
    public bool Connect { get; set; }

    /// <summary>
    /// Keeps the agent's data in this folder (made if missing), so that it survives
    /// <see cref="ConsulAgent.KillAsync"/>, <see cref="ConsulAgent.RestartAsync"/> and a later agent with the same
    /// folder, ports and datacenter. Starting takes up to 3 s instead of a fraction of one, because the server holds a
    /// real election. Default: none; the agent keeps everything in memory and forgets it when it stops.
    /// </summary>
    public string? DataFolder { get; set; }

    /// <summary>The ports to listen on. Default (<see langword="null"/>): free ones are chosen.</summary>
    public ConsulAgentPorts? Ports { get; set; }

    /// <summary>
    /// More agent configuration, as JSON or HCL in Consul's own words; it wins over everything else here. Example:
    /// <c>{"limits":{"http_max_conns_per_client":50}}</c>. Default: none.
    /// </summary>
    public string? ExtraConfig { get; set; }

    /// <summary>
    /// Consul's log level: <c>trace</c>, <c>debug</c>, <c>info</c>, <c>warn</c> or <c>err</c>. Default: <c>info</c>.
    /// </summary>
    public string LogLevel { get; set; } = "info";

    /// <summary>
    /// The binary to run. Default (<see langword="null"/>): what <see cref="ConsulBinary.FindAsync"/> finds.
    /// </summary>
    public string? BinaryPath { get; set; }

    /// <summary>
    /// How long a start or restart may take until the agent answers, not counting the search for the binary. Positive.
    /// Default: 30 s.
    /// </summary>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// How long <see cref="ConsulAgent.StopAsync"/> waits for the agent to end by itself before it is killed. Positive.
    /// Default: 10 s.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How many servers elect a leader together.</summary>
    internal int Servers { get; set; } = 1;

    /// <summary>The gossip addresses of the other servers of the datacenter.</summary>
    internal IReadOnlyList<string> JoinLan { get; set; } = [];

    /// <summary>A copy, so that changes made after a start do not reach the agent's restarts.</summary>
    internal ConsulAgentOptions Copy() => (ConsulAgentOptions)MemberwiseClone();

    /// <summary>Throws when a value makes no sense, saying which and why.</summary>
    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Datacenter) ||
            !Datacenter.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c is '-' or '_'))
        {
            throw new ArgumentException(
                $"Datacenter is \"{Datacenter}\"; Consul allows lower-case letters, digits, '-' and '_' only.");
        }

        if (StartTimeout <= TimeSpan.Zero || StopTimeout <= TimeSpan.Zero)
        {
            throw new ArgumentException(
                $"StartTimeout ({StartTimeout}) and StopTimeout ({StopTimeout}) must be positive.");
        }

        if (ManagementToken is not null && (!AclDefaultDeny || !Guid.TryParse(ManagementToken, out _)))
        {
            throw new ArgumentException("ManagementToken must be a UUID and needs AclDefaultDeny.");
        }

        if (JoinWan is not null && (JoinWan.ManagementToken is not null) != AclDefaultDeny)
        {
            throw new ArgumentException(
                "JoinWan joins an agent with ACLs to one without; set AclDefaultDeny on both or on neither.");
        }

        if (JoinWan is not null && JoinWan.Datacenter == Datacenter)
        {
            throw new ArgumentException(
                $"JoinWan joins two agents of the same datacenter \"{Datacenter}\"; name another one.");
        }
    }
}
