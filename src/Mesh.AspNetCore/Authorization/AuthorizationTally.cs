using System.Collections.Concurrent;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inbound;
using Mesh.Client;
using Mesh.Client.Security;
using Mesh.Client.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace Mesh.AspNetCore.Authorization;

/// <summary>Counts and tells of denials, those that act and those that would.</summary>
internal sealed class AuthorizationTally
{
    /// <summary>Callers told apart by metrics. Their names are proved, so it takes a mesh of more services to pass it.</summary>
    internal const int MaxCallers = 100;

    private readonly DoorLedger _ledger;
    private readonly InboundInstruments _instruments;
    private readonly LogLimiter _lines;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, string> _callers = new(StringComparer.Ordinal);

    public AuthorizationTally(
        DoorLedger ledger, InboundInstruments instruments, TimeProvider time, ILogger<AuthorizationTally> logger)
    {
        (_ledger, _instruments, _logger) = (ledger, instruments, logger);
        _lines = new LogLimiter(time);
    }

    public void Denied(HttpContext context, in Verdict verdict, string reason)
    {
        _instruments.Refused(reason, verdict.Rule, shadow: false, Bounded(context.Features.Get<IMeshPeerFeature>()));
        if (_lines.MayWrite(reason, out var more))
        {
            AuthorizationLog.Denied(
                _logger, Method(context), CallerName.Of(context), verdict.Rule, reason, verdict.Detail, more);
        }
    }

    /// <param name="context">The request.</param>
    /// <param name="rule">The rule's name, or <see cref="Verdict.Intention"/>.</param>
    /// <param name="reason">The word it would be answered with.</param>
    /// <param name="detail">For the log.</param>
    public void WouldDeny(HttpContext context, string rule, string reason, string detail)
    {
        var name = CallerName.Of(context);
        _ledger.WouldDeny(name, rule);
        _instruments.Refused(reason, rule, shadow: true, Bounded(context.Features.Get<IMeshPeerFeature>()));
        if (_logger.IsEnabled(LogLevel.Debug) && _lines.MayWrite("would_deny", out var more))
        {
            AuthorizationLog.WouldDeny(_logger, Method(context), name, rule, detail, more);
        }
    }

    public void UserUnknown(Exception error)
    {
        if (_lines.MayWrite("user", out var more))
        {
            AuthorizationLog.UserUnknown(_logger, more, error);
        }
    }

    /// <summary>A method that nobody knows is whatever its sender wrote.</summary>
    private static string Method(HttpContext context) =>
        HttpMethods.GetCanonicalizedValue(context.Request.Method) is { } method &&
        (HttpMethods.IsGet(method) || HttpMethods.IsPost(method) || HttpMethods.IsPut(method) ||
         HttpMethods.IsDelete(method) || HttpMethods.IsPatch(method) || HttpMethods.IsHead(method) ||
         HttpMethods.IsOptions(method) || HttpMethods.IsConnect(method) || HttpMethods.IsTrace(method))
            ? method
            : "_OTHER";

    private string Bounded(IMeshPeerFeature? peer)
    {
        if (peer is null)
        {
            return MeshReasons.Unidentified;
        }

        var name = CallerName.Of(peer);
        return _callers.TryGetValue(name, out var known) ? known
            : _callers.Count < MaxCallers ? _callers.GetOrAdd(name, name) : DoorLedger.Others;
    }
}
