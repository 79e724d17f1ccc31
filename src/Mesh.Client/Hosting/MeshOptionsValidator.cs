using System.Globalization;
using Mesh.Client.Discovery;
using Mesh.Client.Policies;
using Mesh.Consul;
using Microsoft.Extensions.Options;

namespace Mesh.Client.Hosting;

/// <summary>Checks the options, and tells every problem at once: the key, the bad value, what to write instead.</summary>
/// <param name="isDevelopment">The environment is Development.</param>
internal sealed class MeshOptionsValidator(bool isDevelopment = false) : IValidateOptions<MeshOptions>
{
    private const int MaxNameLength = 128;

    public ValidateOptionsResult Validate(string? name, MeshOptions options)
    {
        var problems = new List<string>(options.Unreadable);
        CheckNames(options, problems);
        CheckSuffixes(options.Suffixes, problems);
        CheckChoices(options, problems);
        CheckUpstreams(options, problems);
        CheckConsul(options, problems);
        CheckDurations(options, problems);
        CheckConfigServer(options, problems);
        CheckAccessLog(options.AccessLog, problems);
        IdentityChecks.Check(options, isDevelopment, problems);
        return problems.Count == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(problems);
    }

    private static void CheckNames(MeshOptions options, List<string> problems)
    {
        const string allowed = "letters, digits, '-', '_' and '.'";
        CheckName("Name", options.Name, $"write 1 to {MaxNameLength} {allowed}, such as \"mesh\"", problems);
        CheckName("Service", options.Service, $"write 1 to {MaxNameLength} {allowed}, such as \"orders\"", problems);
        CheckName("Instance", options.Instance, $"write 1 to {MaxNameLength} {allowed}, such as \"orders-1\"", problems);
    }

    private static void CheckName(string key, string? value, string fix, List<string> problems)
    {
        // Only the mesh's name has no default to fall back to.
        if ((value is null && key != "Name") || IsName(value))
        {
            return;
        }

        problems.Add($"Mesh:{key} is '{value}'; {fix}.");
    }

    private static bool IsName(string? value) =>
        value is { Length: > 0 and <= MaxNameLength } &&
        value.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.') && value.Trim('.').Length == value.Length;

    private static void CheckSuffixes(IList<string> suffixes, List<string> problems)
    {
        for (var i = 0; i < suffixes.Count; i++)
        {
            if (suffixes[i] is not { Length: > 1 } suffix || suffix[0] != '.' || !IsName(suffix[1..]))
            {
                problems.Add($"Mesh:Suffixes:{i} is '{suffixes[i]}'; write a dot and a domain, such as \".mesh\".");
            }
        }
    }

    private static void CheckChoices(MeshOptions options, List<string> problems)
    {
        if (!Enum.IsDefined(options.Adopt))
        {
            problems.Add($"Mesh:Adopt is '{options.Adopt}'; write All or Listed.");
        }

        if (!Enum.IsDefined(options.UnknownServices))
        {
            problems.Add($"Mesh:UnknownServices is '{options.UnknownServices}'; write PassThrough or Fail.");
        }
    }

    private static void CheckUpstreams(MeshOptions options, List<string> problems)
    {
        foreach (var (name, upstream) in options.Upstreams)
        {
            var key = $"Mesh:Upstreams:{name}";
            if (!IsName(name) || name.Equals("localhost", StringComparison.OrdinalIgnoreCase) ||
                Uri.CheckHostName(name) != UriHostNameType.Dns)
            {
                problems.Add($"{key} is not a service name; write the name a URI has as its host, such as \"orders\".");
            }
            else if (options.Suffixes.FirstOrDefault(s => name.EndsWith(s, StringComparison.OrdinalIgnoreCase)) is { } suffix)
            {
                problems.Add($"{key} ends in the suffix '{suffix}'; write \"{name[..^suffix.Length]}\", which is the service.");
            }

            if (upstream.Sidecar && upstream.Endpoints.Count > 0)
            {
                problems.Add($"{key}:Sidecar is true, and {key}:Endpoints is given; write one of them: sidecars are found in Consul.");
            }

            if (upstream.Port is < 1 or > 65535)
            {
                problems.Add($"{key}:Port is '{upstream.Port}'; write 1 to 65535, or leave it out.");
            }

            for (var i = 0; i < upstream.Endpoints.Count; i++)
            {
                if (!StaticEndpoint.TryParse(upstream.Endpoints[i], out _, out var problem))
                {
                    problems.Add($"{key}:Endpoints:{i}: {problem}");
                }
            }
        }
    }

    private static void CheckConsul(MeshOptions options, List<string> problems)
    {
        var consul = options.Consul;
        if (consul.MaxBlockingQueries is < 1 or > 100)
        {
            problems.Add($"Mesh:Consul:MaxBlockingQueries is '{consul.MaxBlockingQueries}'; write 1 to 100.");
        }
        else if (options.Discovery.UseConsul)
        {
            CheckConsulClient(consul, problems);
        }

        if (consul.ClientCertFile is null != consul.ClientKeyFile is null)
        {
            var (given, missing) = consul.ClientKeyFile is null
                ? ("ClientCertFile", "ClientKeyFile")
                : ("ClientKeyFile", "ClientCertFile");
            problems.Add($"Mesh:Consul:{given} is set without Mesh:Consul:{missing}; write both, or neither.");
        }

        if (consul.HttpAuth is { } auth && !auth.Contains(':'))
        {
            problems.Add("Mesh:Consul:HttpAuth has no colon; write user:password.");
        }
    }

    /// <summary>Making the client reads options and environment together, and sends nothing.</summary>
    private static void CheckConsulClient(ConsulClientOptions options, List<string> problems)
    {
        try
        {
            using var client = new ConsulClient(options);
        }
        catch (ArgumentException exception)
        {
            problems.Add($"Mesh:Consul: {exception.Message}");
        }
    }

    private static void CheckDurations(MeshOptions options, List<string> problems)
    {
        var discovery = options.Discovery;
        Check("Discovery:FirstAnswerTimeout", discovery.FirstAnswerTimeout, TimeSpan.Zero, TimeSpan.FromSeconds(10),
            "0s to 10s");
        Check("Discovery:SuspectWindow", discovery.SuspectWindow, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5),
            "1s to 5m");
        Check("Discovery:IdleWatch", discovery.IdleWatch, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), "1m to 1d");
        var (renew, broken) = (options.Connections.RenewWithin, options.Connections.BreakAfter);
        Check("Connections:RenewWithin", renew, TimeSpan.FromSeconds(10), TimeSpan.FromHours(1), "10s to 1h");
        Check("Connections:BreakAfter", broken, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1), "1m to 24h");
        if (broken < renew)
        {
            problems.Add($"Mesh:Connections:BreakAfter is '{broken:c}'; write no less than RenewWithin, which is '{renew:c}'.");
        }

        Check("Snapshot:MaxAge", options.Snapshot.MaxAge, TimeSpan.FromMinutes(1), TimeSpan.FromDays(30), "1m to 30d");

        void Check(string key, TimeSpan value, TimeSpan least, TimeSpan most, string range)
        {
            if (value < least || value > most)
            {
                problems.Add($"Mesh:{key} is '{value:c}'; write {range}.");
            }
        }
    }

    private static void CheckAccessLog(MeshAccessLogOptions options, List<string> problems)
    {
        if (!Enum.IsDefined(options.Mode))
        {
            problems.Add($"Mesh:AccessLog:Mode is '{options.Mode}'; write Off, Errors or All.");
        }

        if (options.Sample is not (>= 0 and <= 1))
        {
            problems.Add(string.Create(
                CultureInfo.InvariantCulture, $"Mesh:AccessLog:Sample is '{options.Sample}'; write 0% to 100%."));
        }

        if (options.LinesPerSecond is < 1 or > 100_000)
        {
            problems.Add($"Mesh:AccessLog:LinesPerSecond is '{options.LinesPerSecond}'; write 1 to 100000.");
        }
    }

    private static void CheckConfigServer(MeshOptions options, List<string> problems)
    {
        if (options.ConfigServer is { } servers && !DeskAddresses.TryParse(servers, out _, out var bad))
        {
            problems.Add(
                $"Mesh:ConfigServer is '{bad}'; write an address such as \"http://127.0.0.1:8600\", or several separated " +
                "by commas.");
        }
    }
}
