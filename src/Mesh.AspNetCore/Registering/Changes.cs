using Mesh.Client;
using Mesh.Client.Policies;

namespace Mesh.AspNetCore.Registering;

/// <summary>Ends a pause early when there is something new to tell: our certificate, or the mode of the door.</summary>
internal sealed class Changes : IDisposable
{
    private readonly IMeshIdentity _identity;
    private readonly OwnPolicy _policy;
    private volatile TaskCompletionSource _changed = New();

    public Changes(IMeshIdentity identity, OwnPolicy policy)
    {
        (_identity, _policy) = (identity, policy);
        identity.Changed += Tell;
        policy.Changed += Tell;
    }

    /// <summary>What has changed until now is about to be told.</summary>
    public void Forget() => _changed = New();

    /// <summary>Returns after the pause, or at the next change.</summary>
    public async Task WaitAsync(TimeSpan pause, TimeProvider time, CancellationToken cancellationToken)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var delay = Task.Delay(pause, time, end.Token);
        await Task.WhenAny(delay, _changed.Task).ConfigureAwait(false);
        await end.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
    }

    public void Dispose()
    {
        _identity.Changed -= Tell;
        _policy.Changed -= Tell;
    }

    private static TaskCompletionSource New() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private void Tell() => _changed.TrySetResult();
}
