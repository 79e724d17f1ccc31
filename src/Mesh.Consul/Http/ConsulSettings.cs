namespace Mesh.Consul;

/// <summary>
/// Options and environment resolved into one immutable answer: explicit options win, then Consul's variables.
/// </summary>
internal sealed record ConsulSettings
{
    /// <summary>What <see cref="ConsulClient.Address"/> shows: http, https or unix.</summary>
    public required Uri Address { get; init; }

    /// <summary>
    /// What requests are addressed to: the address itself, or a stand-in when the agent listens on a socket file.
    /// </summary>
    public required Uri RequestBase { get; init; }

    /// <summary>The agent's socket file, or <see langword="null"/> for TCP.</summary>
    public string? UnixSocket { get; init; }

    public string? Token { get; init; }

    public string? TokenFile { get; init; }

    public string? Datacenter { get; init; }

    public string? CaFile { get; init; }

    public string? CaPath { get; init; }

    public string? ClientCertFile { get; init; }

    public string? ClientKeyFile { get; init; }

    public string? TlsServerName { get; init; }

    public bool SslVerify { get; init; } = true;

    public string? HttpAuth { get; init; }

    public required int MaxBlockingQueries { get; init; }

    /// <summary>Resolves options over environment.</summary>
    /// <param name="options">What the application said.</param>
    /// <param name="variable">Reads an environment variable; a parameter so that tests need not touch the process's
    /// own.</param>
    public static ConsulSettings Resolve(ConsulClientOptions options, Func<string, string?> variable)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(options.MaxBlockingQueries, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.MaxBlockingQueries, 100);
        var (address, requestBase, socket) = ResolveAddress(options.Address, variable);

        // A token given in code must not lose to a token file that happens to be in the environment; within one
        // source the file wins, as in Consul's own clients.
        var explicitToken = Text(options.Token);
        var explicitFile = Text(options.TokenFile);
        var token = explicitToken ?? (explicitFile is null ? Text(variable("CONSUL_HTTP_TOKEN")) : null);
        if (token is not null && !TokenSource.IsToken(token))
        {
            throw new ArgumentException(
                "The Consul token (Token or CONSUL_HTTP_TOKEN) has characters that no header can carry.");
        }

        return new ConsulSettings
        {
            Address = address,
            RequestBase = requestBase,
            UnixSocket = socket,
            Token = token,
            TokenFile = explicitFile ?? (explicitToken is null ? Text(variable("CONSUL_HTTP_TOKEN_FILE")) : null),
            Datacenter = Text(options.Datacenter),
            CaFile = Text(options.CaFile) ?? Text(variable("CONSUL_CACERT")),
            CaPath = Text(options.CaPath) ?? Text(variable("CONSUL_CAPATH")),
            ClientCertFile = Text(options.ClientCertFile) ?? Text(variable("CONSUL_CLIENT_CERT")),
            ClientKeyFile = Text(options.ClientKeyFile) ?? Text(variable("CONSUL_CLIENT_KEY")),
            TlsServerName = Text(options.TlsServerName) ?? Text(variable("CONSUL_TLS_SERVER_NAME")),
            SslVerify = options.SslVerify ?? Boolean(variable, "CONSUL_HTTP_SSL_VERIFY") ?? true,
            HttpAuth = Text(options.HttpAuth) ?? Text(variable("CONSUL_HTTP_AUTH")),
            MaxBlockingQueries = options.MaxBlockingQueries,
        };
    }

    private static (Uri Address, Uri RequestBase, string? Socket) ResolveAddress(
        string? configured, Func<string, string?> variable)
    {
        var text = Text(configured);
        var source = nameof(ConsulClientOptions.Address);
        var ssl = Boolean(variable, "CONSUL_HTTP_SSL") == true;
        var fromEnvironment = text is null;
        if (text is null)
        {
            text = Text(variable("CONSUL_HTTP_ADDR")) ?? "127.0.0.1:8500";
            source = "CONSUL_HTTP_ADDR";
        }

        var mark = text.IndexOf("://", StringComparison.Ordinal);
        var scheme = mark < 0 ? "" : text[..mark].ToLowerInvariant();
        var rest = mark < 0 ? text : text[(mark + 3)..];
        if (scheme == "unix")
        {
            if (!rest.StartsWith('/'))
            {
                throw Invalid(source, text, "a socket needs an absolute path, e.g. unix:///run/consul.sock");
            }

            return (new Uri("unix://" + rest), new Uri("http://localhost/"), rest);
        }

        // As in Consul's own client, an http:// address from the environment does not undo CONSUL_HTTP_SSL=true; one
        // written in code does, because code is the more explicit of the two.
        scheme = scheme switch
        {
            "" => ssl ? "https" : "http",
            "http" => ssl && fromEnvironment ? "https" : "http",
            "https" => "https",
            _ => throw Invalid(source, text, "the scheme must be http, https or unix"),
        };
        if (!Uri.TryCreate($"{scheme}://{rest.TrimEnd('/')}/", UriKind.Absolute, out var uri) ||
            uri.Host.Length == 0 || uri.Query.Length > 0 || uri.Fragment.Length > 0 || uri.UserInfo.Length > 0)
        {
            throw Invalid(source, text, "expected host:port, http://host:port, https://host:port or unix:///path");
        }

        return (uri, uri, null);
    }

    private static ArgumentException Invalid(string source, string value, string rule) =>
        new($"The address of Consul '{value}' (from {source}) is not usable: {rule}.");

    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    /// <summary>
    /// What Go's strconv.ParseBool accepts. A typing error must not silently turn TLS or verification off.
    /// </summary>
    private static bool? Boolean(Func<string, string?> variable, string name) => Text(variable(name)) switch
    {
        null => null,
        "1" or "t" or "T" or "true" or "TRUE" or "True" => true,
        "0" or "f" or "F" or "false" or "FALSE" or "False" => false,
        var other => throw new ArgumentException($"{name} is '{other}'; use true or false."),
    };
}
