using System.Text.RegularExpressions;
using Mesh.Consul;
using Mesh.Policy;
using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Authorization;

/// <summary>
/// A permission of an intention, compiled. One that cannot be understood, because of a condition of a newer Consul or a
/// pattern that .NET does not read, denies everything or allows nothing.
/// </summary>
internal sealed class PermissionEntry
{
    private readonly RequestConditions? _conditions;
    private readonly IReadOnlyList<IntentionTokenProvider>? _tokens;

    public PermissionEntry(IntentionPermission permission)
    {
        Allows = permission.Action == IntentionAction.Allow;
        _tokens = permission.TokenProviders;
        _conditions = permission.IsUnknown ? null : Compile(permission, denies: !Allows);
    }

    public bool Allows { get; }

    public bool IsUnderstood => _conditions is not null;

    public Fit Of(HttpRequest request, EndUser user)
    {
        if (_conditions is null)
        {
            return Allows ? Fit.No : Fit.Yes;
        }

        var fit = _conditions.Of(request);
        if (fit == Fit.No)
        {
            return Fit.No;
        }

        var token = TokenRequirement.Of(_tokens, user);
        return token == Fit.Yes ? fit : token;
    }

    private static RequestConditions? Compile(IntentionPermission permission, bool denies)
    {
        try
        {
            return new RequestConditions(
                permission.Methods.Count == 0 ? null : permission.Methods,
                Path(permission) is { } path ? [[new PathCondition(path, segments: false, denies)]] : [],
                permission.Headers.Select(h => Header(h, denies)),
                []);
        }
        catch (Exception error) when (error is ArgumentException or NotSupportedException)
        {
            // Of the pattern: no such syntax in .NET, or none that takes linear time.
            return null;
        }
    }

    private static StringMatch? Path(IntentionPermission permission) => permission switch
    {
        { PathExact: { } exact } => new StringMatch(StringMatchKind.Exact, exact),
        { PathPrefix: { } prefix } => new StringMatch(StringMatchKind.Prefix, prefix),
        { PathRegex: { } regex } => new StringMatch(StringMatchKind.Regex, regex),
        _ => null,
    };

    private static ValueCondition Header(IntentionHeader header, bool denies)
    {
        var match = header switch
        {
            { Exact: { } exact } => new StringMatch(StringMatchKind.Exact, exact),
            { Prefix: { } prefix } => new StringMatch(StringMatchKind.Prefix, prefix),
            { Suffix: { } suffix } => new StringMatch(StringMatchKind.Suffix, suffix),
            { Contains: { } part } => new StringMatch(StringMatchKind.Regex, $"(?s:.*{Regex.Escape(part)}.*)"),
            { Regex: { } regex } => new StringMatch(StringMatchKind.Regex, regex),
            _ => new StringMatch(StringMatchKind.Present, ""),
        };
        return new ValueCondition(header.Name, match, header.IgnoreCase, header.Invert, denies);
    }
}
