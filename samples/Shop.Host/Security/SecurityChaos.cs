namespace Shop.Host.Security;

/// <summary>
/// What happens to security under load: an operator denies an edge by intention and allows it again, and everybody's
/// certificates change, first the leaf and then the root.
/// </summary>
internal sealed class SecurityChaos(Fleet fleet, Intentions intentions, DenialJudge judge, Func<long> failed)
{
    private const string Caller = "web";
    private const string Callee = "inventory";

    private static readonly TimeSpan DeniedFor = TimeSpan.FromSeconds(4);

    // Long enough that a call denied too late is seen.
    private static readonly TimeSpan WatchedFor = TimeSpan.FromSeconds(3);

    /// <summary>The mesh asks at once; Consul spreads its answers to a new root over half a minute.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(45);

    private IReadOnlyDictionary<string, Leaf> _before = new Dictionary<string, Leaf>();
    private Rotation? _leaf;
    private Rotation? _root;

    public RotationsReport Rotations => new(_leaf, _root);

    public IntentionsReport? Intentions => judge.Report($"{Caller} -> {Callee}");

    /// <summary>Connections stay open all the while; orders calls the same instances, and must not notice.</summary>
    public async Task DenyAndAllowAsync(Action<string, string> note, CancellationToken stop)
    {
        const string edge = $"{Caller} -> {Callee}";
        note("intention: deny", edge);
        judge.Deny();
        var id = await intentions.DenyAsync(Caller, Callee, stop);
        await Task.Delay(DeniedFor, stop);
        note("intention: allow", edge);
        judge.Allow();
        await intentions.AllowAsync(id, Caller, Callee, stop);
        await Task.Delay(WatchedFor, stop);
        await intentions.RemoveAsync(id, stop);
    }

    /// <summary>Consul is about to be killed, and with it go the leaves it has issued.</summary>
    public async Task BeforeConsulDiesAsync(CancellationToken stop) => _before = await Rotation.ReadAsync(fleet, stop);

    /// <summary>Consul is back: everybody gets another leaf, and then one of another root.</summary>
    public async Task ChangeCertificatesAsync(Action<string, string> note, CancellationToken stop)
    {
        _leaf = await Rotation.WatchAsync(fleet, _before, leaf => leaf.Serial, failed, Patience, stop);
        Note(note, "leaf", _leaf);
        await RotateRootAsync(note, stop);
    }

    private async Task RotateRootAsync(Action<string, string> note, CancellationToken stop)
    {
        if (fleet.Agent is not { } agent)
        {
            note("Consul's root is not ours: left alone", "consul");
            return;
        }

        var before = await Rotation.ReadAsync(fleet, stop);
        note("new root", "consul");
        await agent.RotateRootAsync(stop);
        _root = await Rotation.WatchAsync(fleet, before, leaf => leaf.Authority, failed, Patience, stop);
        Note(note, "root", _root);
    }

    private static void Note(Action<string, string> note, string what, Rotation rotation) => note(
        rotation.IsGood ? $"another {what} everywhere" : $"NOT another {what} everywhere",
        $"{rotation.Changed} of {rotation.Instances}");
}
