using Mesh.Client.Pipeline;
using Mesh.Policy;

namespace Mesh.Client.Policies;

/// <summary>
/// An upstream and what was last applied to it, so that only changes are compiled. Guarded by the store's lock.
/// </summary>
internal sealed class AttachedUpstream(Upstream upstream)
{
    private string? _revision;
    private SwitchState? _switches;

    private bool _settled;

    public string Name => upstream.Name;

    public SwitchState Switches => _switches ?? SwitchState.None;

    public void Apply(StoredDocument? global, StoredDocument? service)
    {
        var revision = Revision(global, service);
        if (revision != _revision)
        {
            upstream.ApplyPolicy(PolicyMerger.Merge(Name, global?.Traffic, service?.Traffic), revision);
            _revision = revision;
        }
    }

    public void Apply(SwitchState switches)
    {
        if (switches != _switches)
        {
            upstream.ApplySwitches(switches);
            _switches = switches;
        }
    }

    /// <summary>Calls wait for the first word about policy.</summary>
    public void Await() => upstream.AwaitPolicy();

    /// <summary>The first word was said, or will not be waited for.</summary>
    public void Settle()
    {
        if (!_settled)
        {
            _settled = true;
            upstream.SettlePolicy();
        }
    }

    public ClientSwitchReport Report() => new()
    {
        Upstream = Name,
        Bypass = Switches.Bypass,
        Off = MechanismWords.Of(Switches.Off),
    };

    private static string Revision(StoredDocument? global, StoredDocument? service) =>
        (global?.Good, service?.Good) switch
        {
            (null, null) => "default",
            ({ } one, null) => $"global {one.Revision}",
            (null, { } one) => $"service {one.Revision}",
            ({ } one, { } other) => $"global {one.Revision}, service {other.Revision}",
        };
}
