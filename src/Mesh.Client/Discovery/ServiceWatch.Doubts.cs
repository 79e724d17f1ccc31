using Mesh.Client.Pipeline;
using Mesh.Consul;

namespace Mesh.Client.Discovery;

/// <content>What an answer lacks: whether it may be believed, and asking again when it may not.</content>
internal sealed partial class ServiceWatch
{
    /// <summary>
    /// Whether what an answer lacks is hidden from the token rather than gone. Consul takes the index of an answer before it
    /// applies the token, and every deregistration raises it: at an unchanged index nothing went away. That holds within one
    /// history only: an agent that comes back without its data may be at the same index by chance. Newer versions say by a
    /// header that they left something out; only its appearance tells something, since a token may be meant to see a part.
    /// </summary>
    private bool IsHidingLocked(ConsulResponse<ServiceHealth[]> response, BlockingQueryTransition transition) =>
        (response.FilteredByAcls && !_filtered) ||
        (transition == BlockingQueryTransition.None && _index > 0 && response.Index == _index);

    /// <summary>
    /// What went as things go is gone at once: a stopped instance must not be called. Whether it only went out of the token's
    /// sight is asked afterwards, and it comes back if so.
    /// </summary>
    private void CheckLossesLocked(IReadOnlyList<EndpointInfo> before, ConsulResponse<ServiceHealth[]> response)
    {
        var left = _set.Endpoints.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        EndpointInfo[] lost = [.. before.Where(e => !e.Vanished && !left.Contains(e.Id))];
        if (lost.Length > 0 && _life is { } life)
        {
            _ = BackgroundWork.Start(
                $"losses of {Service}", token => TakeBackAsync(lost, response, token), _context.Logger, life.Token);
        }
    }

    private async Task TakeBackAsync(
        EndpointInfo[] lost, ConsulResponse<ServiceHealth[]> response, CancellationToken cancellationToken)
    {
        try
        {
            // The header of filtered answers tells of the whole answer, and a token may always have seen only a part.
            var verdict = await _context.Canary
                .JudgeAsync(Service, lost, response with { FilteredByAcls = false }, cancellationToken)
                .ConfigureAwait(false);
            EndpointInfo[] hidden = [.. lost.Where(verdict.Hides)];
            if (hidden.Length == 0)
            {
                return;
            }

            _context.Trouble.Lacks(verdict.Missing);
            lock (_gate)
            {
                if (_running && _set.Restore(hidden, Now))
                {
                    PublishLocked(changed: true);
                    DoubtedLocked();
                    ScheduleLocked();
                }
            }
        }
        catch (ConsulException error)
        {
            _context.LookAtToken();
            Tell("consul", error.IsPermissionDenied ? MeshReasons.Acl : "failed");
        }
    }

    private void DoubtedLocked()
    {
        if (!_context.Lines.MayWrite(_set.Doubt.Word(), out var more))
        {
            // Counted: the next line tells.
        }
        else if (_set.Doubt == AbsenceReason.Acl)
        {
            DiscoveryLog.Hidden(_context.Logger, Service, _set.SuspectCount, more);
        }
        else
        {
            DiscoveryLog.Held(_context.Logger, Service, _set.SuspectCount, _set.Doubt.Word(), more);
        }

        Tell("consul", _set.Doubt.Word());
        _context.LookAtToken();
    }

    private void ScheduleLocked()
    {
        if (_running && _set.ConfirmAt is { } due)
        {
            // Up to a tenth later, so that a fleet that lost the same endpoints does not ask the leader in one moment.
            var pause = due - Now;
            var jitter = _context.Options.SuspectWindow * (_context.Random.NextDouble() / 10);
            _confirm.Change((pause > TimeSpan.Zero ? pause : TimeSpan.Zero) + jitter, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _confirm.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        }
    }

    private void StartConfirming()
    {
        CancellationToken token;
        lock (_gate)
        {
            if (_life is null)
            {
                return;
            }

            token = _life.Token;
        }

        _ = BackgroundWork.Start($"confirm {Service}", ConfirmAsync, _context.Logger, token);
    }

    private async Task ConfirmAsync(CancellationToken cancellationToken)
    {
        var query = new ConsulQuery { Consistency = ConsulConsistency.Consistent, Datacenter = _context.Datacenter };
        await _context.Confirming.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var answer = await _context.ReadAsync(Service, query, cancellationToken)
                .ConfigureAwait(false);
            var endpoints = Map(answer.Value);
            var verdict = await _context.Canary
                .JudgeAsync(Service, Lacking(endpoints), answer, cancellationToken).ConfigureAwait(false);
            _context.Trouble.Lacks(verdict.Missing);
            lock (_gate)
            {
                ConcludeLocked(answer.Index, endpoints, verdict);
            }
        }
        catch (ConsulException error)
        {
            Tell("consul", _context.Link.Failed(error));
            lock (_gate)
            {
                _set.Unconfirmed(error.IsPermissionDenied, Now);
                ScheduleLocked();
            }
        }
        finally
        {
            _context.Confirming.Release();
        }
    }

    /// <summary>What is known and not in an answer.</summary>
    private EndpointInfo[] Lacking(List<EndpointInfo> answer)
    {
        var listed = answer.Select(e => e.Id).ToHashSet(StringComparer.Ordinal);
        lock (_gate)
        {
            return [.. _set.Endpoints.Where(e => !listed.Contains(e.Id))];
        }
    }

    private void ConcludeLocked(ulong index, List<EndpointInfo> endpoints, TokenVerdict verdict)
    {
        if (!_running || _set.SuspectCount == 0)
        {
            return;
        }

        if (index < _index)
        {
            // The watch has moved on while this read was under way: an older answer must not undo a newer one.
            _set.Unconfirmed(denied: false, Now);
        }
        else
        {
            var before = _set.SuspectCount;
            var changed = _set.Confirm(endpoints, verdict.Hides, Now);
            if (_set.SuspectCount < before)
            {
                DiscoveryLog.Gone(_context.Logger, Service, before - _set.SuspectCount);
            }

            PublishLocked(changed);
            if (_set.SuspectCount > 0)
            {
                Tell("consul", _set.Doubt.Word());
            }
        }

        ScheduleLocked();
    }
}
