using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.AspNetCore.Authorization;

/// <summary>What has to be asked beside the watch: whether what is gone is gone, and what the registry's default is.</summary>
internal sealed partial class IntentionWatch
{
    /// <summary>How long all intentions have to be gone, after a gap in what was heard, to be gone.</summary>
    private static readonly TimeSpan Doubt = TimeSpan.FromSeconds(10);

    /// <summary>The default changes when servers are restarted.</summary>
    private static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(5);

    private async Task AskDefaultAsync()
    {
        Intention[] intentions;
        lock (_gate)
        {
            if (_askedAt is { } at && _time.GetElapsedTime(at) < AskAgain)
            {
                return;
            }

            intentions = [.. _belief.InForce];
        }

        try
        {
            var allows = await _default.AskAsync(intentions, _end).ConfigureAwait(false);
            Learn(allows);
        }
        catch (ConsulException error)
        {
            // The last answer stays; the next answer of the watch asks again.
            AuthorizationLog.DefaultUnknown(_logger, error.Message);
        }
    }

    private void Learn(bool? allows)
    {
        bool changed;
        lock (_gate)
        {
            _askedAt = _time.GetTimestamp();
            changed = allows is not null && allows != _defaultAllows;
            if (changed)
            {
                _defaultAllows = allows;
                PublishLocked();
                RecordLocked(changed: true);
            }
        }

        if (changed)
        {
            Changed?.Invoke();
        }
    }

    /// <summary>After a gap, what is gone at once may be the registry that was lost: it has to stay so for a while.</summary>
    private void ConfirmLater()
    {
        lock (_gate)
        {
            if (_confirming)
            {
                return;
            }

            _confirming = true;
        }

        _ = BackgroundWork.Start("looking for lost intentions", ConfirmAsync, _logger, _end);
        AuthorizationLog.AllGone(_logger, Doubt.TotalSeconds);
    }

    private async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.Delay(Doubt, _time, cancellationToken).ConfigureAwait(false);
            if (await FindGoneAsync(cancellationToken).ConfigureAwait(false) is { } answer)
            {
                Apply(answer, BlockingQueryTransition.None, isConfirmed: true);
                await AskDefaultAsync().ConfigureAwait(false);
            }
        }
        catch (ConsulException)
        {
            // Nothing is confirmed, so all stays as it is; the watch says that Consul is in trouble.
        }
        finally
        {
            lock (_gate)
            {
                _confirming = false;
            }
        }
    }

    /// <summary>
    /// The leader's answer that there is none, to a token that would see one, when it is the registry that we know;
    /// <see langword="null"/> when it is not so.
    /// </summary>
    private async Task<ConsulResponse<Intention[]>?> FindGoneAsync(CancellationToken cancellationToken)
    {
        var query = new ConsulQuery { Consistency = ConsulConsistency.Consistent, Datacenter = _datacenter };
        var answer = await _client.GetIntentionsToAsync(_service, query, cancellationToken).ConfigureAwait(false);
        if (answer.Value.Length > 0 || !answer.KnownLeader || !IsKnownRegistry())
        {
            return null;
        }

        var needed = new ConsulPermission("intention", "read", _service);
        return await _client.FindMissingAsync([needed], _datacenter, cancellationToken).ConfigureAwait(false)
            is null or { Count: 0 } ? answer : null;
    }

    /// <summary>A registry made anew has another trust domain.</summary>
    private bool IsKnownRegistry()
    {
        lock (_gate)
        {
            return _trustDomain is null || _identity.Current?.TrustDomain is not { } now || now == _trustDomain;
        }
    }
}
