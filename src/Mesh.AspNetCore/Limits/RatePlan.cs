using System.Globalization;
using Mesh.AspNetCore.Authorization;
using Mesh.Client.Routing;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Limits;

/// <summary>One rule of <c>inbound.rate</c> compiled, with its buckets, which outlive changes of everything else.</summary>
internal sealed class RatePlan
{
    /// <summary>Most callers with a bucket of their own that proved who they are: more than a mesh has services.</summary>
    public const int MostVerified = 1024;

    /// <summary>Most callers with a bucket of their own that only say who they are.</summary>
    public const int MostClaimed = 256;

    private readonly PathCondition[]? _paths;
    private readonly RequestMatcher? _matcher;
    private readonly CallerBuckets _verified;
    private readonly CallerBuckets _claimed;
    private readonly TokenBucket _common;
    private readonly string _name;

    public RatePlan(RateRule rule, RatePlan? before, TimeProvider time)
    {
        Rule = rule;
        _paths = rule.Match?.Paths?.Select(static path => new PathCondition(path, segments: true, denies: true)).ToArray();
        _matcher = rule.Match is null ? null : new RequestMatcher(rule.Match with { Paths = null });
        _name = "\"" + rule.Name.Replace("\\", "\\\\", StringComparison.Ordinal)
            .Replace("\"", "\\\"", StringComparison.Ordinal) + "\"";
        Policy = _name + Parameters(rule);
        if (before is not null && HasSameBuckets(before.Rule, rule))
        {
            (_verified, _claimed, _common) = (before._verified, before._claimed, before._common);
            return;
        }

        TokenBucket Make() => new(rule.Permits, rule.Window, rule.Burst, time);
        _verified = new CallerBuckets(Make, MostVerified);
        _claimed = new CallerBuckets(Make, MostClaimed);
        _common = Make();
    }

    public RateRule Rule { get; }

    /// <summary>Its item in the header <c>RateLimit-Policy</c>.</summary>
    public string Policy { get; }

    /// <summary>Whether a request draws on it; every spelling of a path that routing takes for the same is the same.</summary>
    public bool Takes(HttpRequest request) =>
        (_matcher is null || _matcher.Matches(new IncomingRequest(request))) && TakesPath(request);

    /// <summary>
    /// The bucket this caller draws on. Who proved its name never shares one with who only says it; who says nothing shares
    /// one with all who say nothing.
    /// </summary>
    /// <param name="verified">The name the connection proved.</param>
    /// <param name="claimed">The name a member gave itself.</param>
    public TokenBucket BucketOf(string? verified, string? claimed) =>
        !Rule.PerCaller ? _common
        : verified is not null ? _verified.Of(verified)
        : claimed is not null ? _claimed.Of(claimed)
        : _common;

    /// <summary>Its item in the header <c>RateLimit</c>.</summary>
    public string State(TokenBucket bucket) => string.Create(
        CultureInfo.InvariantCulture, $"{_name};r={bucket.Available};t={Math.Ceiling(bucket.FullIn.TotalSeconds):0}");

    private bool TakesPath(HttpRequest request)
    {
        if (_paths is null)
        {
            return true;
        }

        var path = PathForm.Of(request);
        foreach (var condition in _paths)
        {
            if (condition.Matches(path))
            {
                return true;
            }
        }

        return false;
    }

    // The draft knows whole seconds; of another window only the quota is told.
    private static string Parameters(RateRule rule) => rule.Window.TotalSeconds % 1 == 0
        ? string.Create(CultureInfo.InvariantCulture, $";q={rule.Permits};w={rule.Window.TotalSeconds:0}")
        : string.Create(CultureInfo.InvariantCulture, $";q={rule.Permits}");

    private static bool HasSameBuckets(RateRule a, RateRule b) =>
        (a.Name, a.PerCaller, a.Permits, a.Window, a.Burst) == (b.Name, b.PerCaller, b.Permits, b.Window, b.Burst);
}
