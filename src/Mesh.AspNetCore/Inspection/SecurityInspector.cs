using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Mesh.AspNetCore.Authorization;
using Mesh.AspNetCore.Door;
using Mesh.AspNetCore.Inspection.Views;
using Mesh.Client;
using Mesh.Client.Security;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection;

/// <summary>Describes who this process is, and its door.</summary>
internal sealed class SecurityInspector(InspectionSources sources)
{
    /// <summary><see langword="null"/> for a process that has no identity and asks for none.</summary>
    public IdentityView? Identity()
    {
        var status = (sources.Identity as IdentityKeeper)?.Status;
        if (sources.Identity.Current is not { } identity)
        {
            return status is null ? null : new IdentityView
            {
                Source = status.Source,
                NotAfter = status.NotAfter,
                LeftSeconds = Left(status.NotAfter),
                Reason = status.Reason,
                Detail = status.Detail,
            };
        }

        return new IdentityView
        {
            Source = status?.Source,
            Id = identity.Id.ToString(),
            TrustDomain = identity.TrustDomain,
            NotBefore = identity.NotBefore,
            NotAfter = identity.NotAfter,
            LeftSeconds = Left(identity.NotAfter),
            Fingerprint = Fingerprint(identity.Certificate.TargetCertificate),
            Roots = identity.Roots.OrderBy(r => r.Key, StringComparer.Ordinal)
                .ToDictionary(r => r.Key, r => r.Value.Select(Fingerprint).ToArray(), StringComparer.Ordinal),
            Reason = status?.Reason,
            Detail = status?.Detail,
        };
    }

    /// <summary><see langword="null"/> without <c>AddServer()</c>.</summary>
    public DoorView? Door()
    {
        if (sources is not { Door: { } sight, Ledger: { } ledger })
        {
            return null;
        }

        var security = sources.Own.Security;
        return new DoorView
        {
            Tls = SecurityWords.Of(security.InboundTls),
            IntentionsMode = SecurityWords.Of(security.Intentions),
            OutboundTls = SecurityWords.Of(security.OutboundTls),
            Origins = security.Origins,
            Unknown = sources.Own.IsUnknown,
            PlainPorts = sources.PlainPorts,
            Rules = [.. Rules(security.LockedAuthorization, locked: true), .. Rules(security.Authorization, locked: false)],
            Intentions = Intentions(),
            PlaintextSince = sight.PlaintextSince,
            Plaintext = [.. ledger.PlaintextCallers().Select(c => new DoorCallerView(c.Caller, null, c.Count, c.LastSeen))],
            WouldDeny =
                [.. ledger.WouldBeDenied().Select(w => new DoorCallerView(w.Key.Caller, w.Key.Rule, w.Count, w.LastSeen))],
        };
    }

    private IntentionsView? Intentions() => sources.Gate?.Intentions is not { } view ? null : new IntentionsView
    {
        Count = view.Intentions.Count,
        Default = view.DefaultAllows switch { true => "allow", false => "deny", null => null },
        FromSnapshot = view.IsFromSnapshot,
        Orphans = view.Orphans,
        AgeSeconds = Figures.Seconds(sources.Gate.IntentionsAge),
    };

    private static IEnumerable<RuleView> Rules(AuthorizationRules? rules, bool locked) => rules is null
        ? []
        : rules.Rules.Select(r => new RuleView(r.Name, SecurityWords.Of(r.Action), r.Shadow, locked))
            .Append(new RuleView(Verdict.Otherwise, SecurityWords.Of(rules.Otherwise), Shadow: false, locked));

    private double? Left(DateTimeOffset? until) =>
        until is { } end ? Figures.Seconds(end - sources.Time.GetUtcNow()) : null;

    private static string Fingerprint(X509Certificate2 certificate) =>
        certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant();
}
