namespace Mesh.Client.Pipeline;

/// <content>
/// The first words about policy and about our own identity. Calls wait for them as they wait for endpoints, because until
/// then they would run on built-in defaults, and in plaintext. There is no runtime before them, so later calls, which only
/// look for a runtime, do not pay for it.
/// </content>
internal sealed partial class Upstream
{
    private TaskCompletionSource? _policyWord;
    private bool _reachable;
    private bool _nameless;

    /// <summary>Completes when policy is settled: its source has spoken about this service, or nobody waits for it.</summary>
    public Task FirstPolicy => Volatile.Read(ref _policyWord)?.Task ?? Task.CompletedTask;

    /// <summary>A source of policy will speak about this service: nothing runs before it does.</summary>
    public void AwaitPolicy()
    {
        lock (_gate)
        {
            if (_runtime is null)
            {
                _policyWord ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }
        }
    }

    /// <summary>It has spoken, or is waited for no longer: what is known is in force.</summary>
    public void SettlePolicy()
    {
        lock (_gate)
        {
            if (_policyWord?.TrySetResult() == true && _reachable)
            {
                OpenLocked();
            }
        }
    }

    /// <summary>Completes when it is clear whether this process has an identity, and what is demanded of its calls.</summary>
    public Task FirstIdentity => _services.Security.IsClear ? Task.CompletedTask : _services.Security.FirstAnswer;

    /// <summary>Enough was waited for an identity: what can be called without one is.</summary>
    public void SettleIdentity()
    {
        lock (_gate)
        {
            _nameless = true;
            if (_reachable)
            {
                OpenLocked();
            }
        }
    }

    private void OpenLocked()
    {
        if (_runtime is null && FirstPolicy.IsCompleted && (_nameless || FirstIdentity.IsCompleted))
        {
            Volatile.Write(ref _runtime, CompileLocked());
        }
    }
}
