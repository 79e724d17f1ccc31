using Mesh.Client.Pipeline;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Policies;

/// <content>Which desk is asked, and what happens when it is lost.</content>
internal sealed partial class PolicyFeed
{
    /// <summary>
    /// A desk that nobody named is used as soon as the catalog lists one that can be verified: it may be started later than
    /// this process, and the identity that tells it from a liar may come later. Until it has proved itself, KV stays the source.
    /// </summary>
    private async Task SeekAsync(DeskFinder finder, CancellationToken cancellationToken)
    {
        var identity = Trust?.FirstAnswer;
        for (var least = LookAgain; finder.CanFind; least = least * 2 < LongestLookAgain ? least * 2 : LongestLookAgain)
        {
            var pause = Task.Delay(least * (1 + _random.NextDouble()), _time, cancellationToken);
            await (identity is { IsCompleted: false } ? Task.WhenAny(identity, pause) : pause).ConfigureAwait(false);
            cancellationToken.ThrowIfCancellationRequested();
            var replicas = await finder.FindAsync(cancellationToken).ConfigureAwait(false);
            if (replicas.Count == 0)
            {
                continue;
            }

            lock (_gate)
            {
                if (!_disposed)
                {
                    StartDeskLocked(replicas);
                }
            }

            return;
        }
    }

    private void StartDeskLocked(IReadOnlyList<DeskReplica> replicas)
    {
        _isNamed = replicas[0].IsNamed;
        _isProven = _deskLost = false;
        if (!_isNamed && !_isDevelopment)
        {
            _kv?.Start();
        }

        _desk = new DeskClient(replicas, _options.ConfigServerToken, _self, _time, _random, Trust);
        _deskSource = new DeskPolicySource(
            _desk, _consul is null ? null : Reader(_consul), _store, _instruments, _time, _random,
            _loggers.CreateLogger<DeskPolicySource>());
        _deskSource.Connected += DeskConnected;
        _deskSource.Lost += DeskLost;
        _deskSource.Start();
        _reporter = new ClientReporter(
            _desk, _store, _self, _time, _random, CustomAlgorithms, _loggers.CreateLogger<ClientReporter>())
        {
            Door = Door,
        };
        _reporter.Start();
    }

    /// <summary>A desk that was found is looked for anew: it may be elsewhere by now, and the one that is lost be nobody's.</summary>
    private void LeaveDeskLocked()
    {
        _reporter?.Dispose();
        _deskSource?.Dispose();
        _desk?.Dispose();
        (_reporter, _deskSource, _desk) = (null, null, null);
        var finder = new DeskFinder(_options, _consul, Trust, _isDevelopment, _time);
        _ = BackgroundWork.Start("desk search", ct => SeekAsync(finder, ct), _logger, _life.Token);
    }

    private void DeskConnected()
    {
        lock (_gate)
        {
            if (_disposed || _desk is null)
            {
                // It was left just now, and KV is the source.
                return;
            }

            _deskLost = false;
            _isProven = true;
            _fallBack.Change(Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
            _kv?.Stop();
            _files?.Stop();
        }
    }

    private void DeskLost(Exception error)
    {
        TimeSpan pause;
        Uri address;
        bool wasSource;
        lock (_gate)
        {
            if (_disposed || _desk is null)
            {
                return;
            }

            address = _desk.Address;
            if (_deskLost)
            {
                if (_time.GetElapsedTime(_deskSaidAt) >= DeskRepeat)
                {
                    _deskSaidAt = _time.GetTimestamp();
                    PolicyLog.DeskStillLost(
                        _logger, address, _time.GetElapsedTime(_deskLostAt).TotalSeconds, error.Message);
                }

                return;
            }

            _deskLost = true;
            _deskLostAt = _deskSaidAt = _time.GetTimestamp();

            // One that was only found has not been a source until it proves itself: KV is, and goes on.
            wasSource = _isNamed || _isProven || _isDevelopment;
            if (wasSource)
            {
                _store.SourceSilent();
            }

            var status = _store.Status;
            var least = status.Documents.Count > 0 || status.Age is not null ? Unhurried : Hurried;
            pause = least * (1 + _random.NextDouble());
            _fallBack.Change(pause, Timeout.InfiniteTimeSpan);
        }

        if (wasSource)
        {
            PolicyLog.DeskLost(_logger, address, pause.TotalSeconds, error.Message);
        }
        else
        {
            PolicyLog.DeskNotBelieved(_logger, address, error.Message);
        }
    }

    private void FallBack()
    {
        lock (_gate)
        {
            if (_deskLost && !_disposed && _kv is not null)
            {
                if (_isNamed || _isProven || _isDevelopment)
                {
                    PolicyLog.FallBack(_logger);
                }

                _kv.Start();
                if (!_isNamed)
                {
                    LeaveDeskLocked();
                }
            }
        }
    }
}
