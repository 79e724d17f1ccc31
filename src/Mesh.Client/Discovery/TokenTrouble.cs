using Mesh.Consul;
using Microsoft.Extensions.Logging;

namespace Mesh.Client.Discovery;

/// <summary>
/// What is wrong with the Consul token, over all of the process: said at once when it gets worse, then once a minute, and
/// once when it is over; shown by health. Calls go on with the last good state meanwhile.
/// </summary>
internal sealed partial class TokenTrouble(TimeProvider time, ILogger logger)
{
    /// <summary>A token for nothing lacks a rule for every node; a few say as much as all of them.</summary>
    private const int RulesSaid = 8;

    private static readonly TimeSpan Repeat = TimeSpan.FromMinutes(1);

    // Guards the fields below; nothing is called under it but the clock.
    private readonly Lock _gate = new();
    private readonly SortedSet<string> _missing = new(StringComparer.Ordinal);
    private string? _refusal;
    private long _saidAt;

    /// <summary>One sentence for an operator; <see langword="null"/> when nothing is wrong.</summary>
    public string? Description
    {
        get
        {
            lock (_gate)
            {
                return DescribeLocked();
            }
        }
    }

    /// <summary>The token lacks these, beside what it was already known to lack.</summary>
    public void Lacks(IEnumerable<ConsulPermission> missing)
    {
        Change(() =>
        {
            var before = _missing.Count;
            _missing.UnionWith(missing.Select(p => p.Rule));
            _refusal = null;
            return _missing.Count > before;
        });
    }

    /// <summary>Consul refused the token as such.</summary>
    public void Refused(ConsulException error)
    {
        Change(() =>
        {
            var first = _refusal is null;
            _refusal = error.Message;
            return first;
        });
    }

    /// <summary>Everything the process needs was asked about: the token lacks this and nothing else.</summary>
    /// <returns>True when something that was missing no longer is.</returns>
    public bool IsExactly(IReadOnlyList<ConsulPermission> missing)
    {
        bool healed;
        bool ended;
        lock (_gate)
        {
            var rules = missing.Select(p => p.Rule).ToHashSet(StringComparer.Ordinal);
            var before = _missing.Count;
            healed = _refusal is not null | _missing.RemoveWhere(r => !rules.Contains(r)) > 0;
            ended = (before > 0 || _refusal is not null) && missing.Count == 0;
            _refusal = null;
        }

        if (ended)
        {
            Log.Over(logger);
        }

        Lacks(missing);
        return healed;
    }

    private void Change(Func<bool> apply)
    {
        string? text;
        lock (_gate)
        {
            var worse = apply();
            text = DescribeLocked();
            if (text is null || (!worse && time.GetElapsedTime(_saidAt) < Repeat))
            {
                return;
            }

            _saidAt = time.GetTimestamp();
        }

        Log.Trouble(logger, text);
    }

    private string? DescribeLocked()
    {
        if (_refusal is not null)
        {
            return $"Consul refuses the token: {_refusal}";
        }

        var more = _missing.Count > RulesSaid ? $" and {_missing.Count - RulesSaid} more" : "";
        return _missing.Count == 0 ? null
            : $"the Consul token lacks permissions; add to its policies: {string.Join(", ", _missing.Take(RulesSaid))}{more}";
    }

    private static partial class Log
    {
        [LoggerMessage(1003, LogLevel.Error,
            "Consul token (reason acl): {Trouble}. Calls go on with the last good endpoints and policy.")]
        public static partial void Trouble(ILogger logger, string trouble);

        [LoggerMessage(1004, LogLevel.Information, "The Consul token may do again what the mesh needs.")]
        public static partial void Over(ILogger logger);
    }
}
