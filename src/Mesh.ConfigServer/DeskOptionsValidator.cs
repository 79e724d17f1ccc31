using System.Net;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer;

/// <summary>Finds every problem of the settings at once.</summary>
internal sealed class DeskOptionsValidator : IValidateOptions<DeskOptions>
{
    /// <summary>Shorter ones can be guessed.</summary>
    public const int MinTokenLength = 16;

    public ValidateOptionsResult Validate(string? name, DeskOptions options)
    {
        var problems = new List<string>(options.Unreadable);
        if (options.Mesh.Length == 0 || options.Mesh.AsSpan().IndexOfAny("/ ?#") >= 0)
        {
            problems.Add($"Desk:Mesh is '{options.Mesh}'; use a name without '/', '?', '#' or blanks.");
        }

        if (options.Token is { Length: < MinTokenLength })
        {
            problems.Add($"Desk:Token has {options.Token.Length} characters; use at least {MinTokenLength}.");
        }

        const StringSplitOptions tidy = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        foreach (var url in (options.Urls ?? "").Split(';', tidy))
        {
            if (options.Token is null && !IsLoopback(url))
            {
                problems.Add(NeedsToken(url));
            }
        }

        Range(options.Heartbeat, TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(10), "Heartbeat", problems);
        Range(options.Coalesce, TimeSpan.Zero, TimeSpan.FromSeconds(5), "Coalesce", problems);
        Range(options.ClientExpiry, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1), "ClientExpiry", problems);
        Range(options.MaxStreams, 1, int.MaxValue, "MaxStreams", problems);
        Range(options.MaxClients, 1, int.MaxValue, "MaxClients", problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    /// <summary>True when only this machine reaches the address.</summary>
    public static bool IsLoopback(string url)
    {
        BindingAddress address;
        try
        {
            address = BindingAddress.Parse(url);
        }
        catch (FormatException)
        {
            // Kestrel will say what is wrong with it.
            return true;
        }

        var host = address.Host.Trim('[', ']');
        return address.IsUnixPipe || address.IsNamedPipe ||
               string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ||
               (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    }

    public static string NeedsToken(string url) =>
        $"The desk is asked to listen on {url}, where other machines reach it, without a token. Set Desk:Token to a " +
        $"secret of at least {MinTokenLength} characters (and Mesh:ConfigServerToken in its clients), or listen on " +
        "127.0.0.1.";

    private static void Range<T>(T value, T least, T most, string key, List<string> problems)
        where T : IComparable<T>
    {
        if (value.CompareTo(least) < 0 || value.CompareTo(most) > 0)
        {
            problems.Add($"Desk:{key} is {value}; use {least} to {most}.");
        }
    }
}
