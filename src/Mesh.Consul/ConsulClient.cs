using System.Net;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Consul;

/// <summary>The Consul HTTP calls Mesh uses. Thread-safe; one per process is enough.</summary>
/// <remarks>
/// <para>It never throws anything but <see cref="ConsulException"/> for what happens between here and Consul, and
/// <see cref="OperationCanceledException"/> when the caller cancels. A call that does not block is given ten
/// seconds until its answer begins, and thirty more for the body.</para>
/// <para>Its calls make no spans and carry no trace headers, use no proxy, and follow no redirect.</para>
/// </remarks>
public sealed partial class ConsulClient : IDisposable
{
    private static readonly ConsulJson Json = ConsulJson.Default;

    private readonly ConsulSettings _settings;
    private readonly HttpMessageHandler _handler;
    private readonly TimeProvider _time;
    private readonly ConsulSender _sender;
    private readonly Lazy<ConsulSender> _unpooled;

    /// <summary>Creates a client; nothing is sent yet.</summary>
    /// <param name="options">Where Consul is; <see langword="null"/> means the environment alone.</param>
    /// <param name="time">The clock; <see langword="null"/> means the system's.</param>
    /// <exception cref="ArgumentException">An option or environment variable makes no sense; the message says
    /// which.</exception>
    public ConsulClient(ConsulClientOptions? options = null, TimeProvider? time = null)
        : this(
            ConsulSettings.Resolve(options ?? new(), Environment.GetEnvironmentVariable),
            time ?? TimeProvider.System)
    {
    }

    internal ConsulClient(ConsulSettings settings, TimeProvider time, HttpMessageHandler? handler = null)
        : this(settings, time, handler ?? ConsulHandler.Create(settings, time), ownsHandler: true)
    {
    }

    private ConsulClient(ConsulSettings settings, TimeProvider time, HttpMessageHandler handler, bool ownsHandler)
    {
        _settings = settings;
        _handler = handler;
        _time = time;
        _sender = new ConsulSender(settings, handler, time, ownsHandler);
        _unpooled = new Lazy<ConsulSender>(() => new ConsulSender(
            settings, ConsulHandler.Create(settings, time, pooled: false), time, ownsHandler: true));
        Slots = new BlockingSlots(settings.MaxBlockingQueries);
    }

    /// <summary>The agent's address, as resolved from options and environment.</summary>
    public Uri Address => _settings.Address;

    /// <summary>Blocking queries that hold a connection to the agent now.</summary>
    public int BlockingQueries => Slots.Taken;

    /// <summary>What bounds how many watches block at once.</summary>
    internal BlockingSlots Slots { get; }

    /// <summary>
    /// The same agent over the same connections on behalf of somebody else: with that token and no other, anonymously
    /// when it is <see langword="null"/>. Of use for as long as this client is not disposed.
    /// </summary>
    /// <exception cref="ArgumentException">The token has characters that no header can carry.</exception>
    public ConsulClient WithToken(string? token)
    {
        if (token is not null && !TokenSource.IsToken(token))
        {
            throw new ArgumentException("The Consul token has characters that no header can carry.", nameof(token));
        }

        var settings = _settings with { Token = token, TokenFile = null };
        return new ConsulClient(settings, _time, _handler, ownsHandler: false);
    }

    /// <summary>All instances of a service with their checks, whatever their health.</summary>
    public Task<ConsulResponse<ServiceHealth[]>> GetServiceHealthAsync(
        string service, ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.For("v1/health/service/", service),
            query,
            (body, token) => ReadListAsync(body, Json.HealthWire, static wire => wire.ToModel(), token),
            Fingerprint.Of,
            cancellationToken);

    /// <summary>
    /// All that speaks Consul Connect for a service, with its checks, whatever its health: proxies in front of instances, and
    /// instances that are registered as native.
    /// </summary>
    public Task<ConsulResponse<ServiceHealth[]>> GetConnectHealthAsync(
        string service, ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.For("v1/health/connect/", service),
            query,
            (body, token) => ReadListAsync(body, Json.HealthWire, static wire => wire.ToModel(), token),
            Fingerprint.Of,
            cancellationToken);

    /// <summary>All checks in a state (<c>any</c>, <c>passing</c>, <c>warning</c>, <c>critical</c>).</summary>
    public Task<ConsulResponse<ConsulCheck[]>> GetHealthStateAsync(
        string state, ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync(
            ConsulTarget.For("v1/health/state/", state),
            query,
            (body, token) => ReadListAsync(body, Json.CheckWire, static wire => wire.ToModel(), token),
            Fingerprint.Of,
            cancellationToken);

    /// <summary>The names of all services, each with the tags in use.</summary>
    public Task<ConsulResponse<IReadOnlyDictionary<string, string[]>>> GetServicesAsync(
        ConsulQuery query, CancellationToken cancellationToken) =>
        ReadAsync<IReadOnlyDictionary<string, string[]>>(
            ConsulTarget.For("v1/catalog/services"),
            query,
            async (body, token) =>
            {
                var wire = await ReadOneAsync(body, Json.DictionaryStringStringArray, token).ConfigureAwait(false);
                return (wire ?? []).ToDictionary(pair => pair.Key, pair => pair.Value ?? []);
            },
            Fingerprint.Of,
            cancellationToken);

    /// <summary>The leader's address, or an empty string.</summary>
    public Task<string> GetLeaderAsync(CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Get,
            ConsulTarget.For("v1/status/leader"),
            content: null,
            async (body, token) => await ReadOneAsync(body, Json.String, token).ConfigureAwait(false) ?? "",
            cancellationToken);

    /// <summary>
    /// Opens a connection of its own, asks who leads, and closes it: whether the agent still accepts connections from
    /// here, which calls over open connections do not tell.
    /// </summary>
    /// <exception cref="ConsulException">
    /// It does not; <see cref="ConsulException.IsConnectionLimit"/> says whether because there are too many.
    /// </exception>
    public Task ProbeConnectionAsync(CancellationToken cancellationToken) =>
        _unpooled.Value.SendAsync(
            HttpMethod.Get,
            ConsulTarget.For("v1/status/leader").ToString(),
            content: null,
            static response => response.StatusCode == HttpStatusCode.OK,
            static (_, _) => ValueTask.FromResult(true),
            ConsulSender.CallTimeout,
            cancellationToken);

    /// <summary>
    /// Closes the connections; calls in flight fail. Stop watches first: to them it would look like an outage.
    /// </summary>
    public void Dispose()
    {
        _sender.Dispose();
        if (_unpooled.IsValueCreated)
        {
            _unpooled.Value.Dispose();
        }
    }

    /// <summary>A read with an index, which any watch can use.</summary>
    private Task<ConsulResponse<T>> ReadAsync<T>(
        ConsulTarget target,
        ConsulQuery query,
        Func<Stream, CancellationToken, ValueTask<T>> decode,
        Func<T, int> fingerprint,
        CancellationToken cancellationToken,
        Func<T>? whenNotFound = null,
        bool ownDatacenter = false)
    {
        ArgumentNullException.ThrowIfNull(query);
        return _sender.SendAsync(
            HttpMethod.Get,
            (ownDatacenter
                ? target.With(query with { Datacenter = null }, defaultDatacenter: null)
                : target.With(query, _settings.Datacenter)).ToString(),
            content: null,
            response => response.StatusCode == HttpStatusCode.OK || (whenNotFound is not null && IsAbsence(response)),
            async (response, token) =>
            {
                var notFound = response.StatusCode == HttpStatusCode.NotFound;
                var value = notFound
                    ? whenNotFound!()
                    : await DecodeAsync(response, decode, token).ConfigureAwait(false);
                return ConsulHeaders.Wrap(response, value, notFound) with { Fingerprint = fingerprint(value) };
            },
            ConsulSender.TimeoutOf(query),
            cancellationToken);
    }

    /// <summary>
    /// A 404 means "no such key" only when Consul says at which index: one without an index comes from something else
    /// on the way, and absence must not be believed on its word.
    /// </summary>
    private static bool IsAbsence(HttpResponseMessage response) =>
        response.StatusCode == HttpStatusCode.NotFound && ConsulHeaders.HasIndex(response);

    /// <summary>A call that does not block, with a body to decode.</summary>
    private Task<T> CallAsync<T>(
        HttpMethod method,
        ConsulTarget target,
        HttpContent? content,
        Func<Stream, CancellationToken, ValueTask<T>> decode,
        CancellationToken cancellationToken) =>
        _sender.SendAsync(
            method,
            target.ToString(),
            content,
            static response => response.StatusCode == HttpStatusCode.OK,
            (response, token) => DecodeAsync(response, decode, token),
            ConsulSender.CallTimeout,
            cancellationToken);

    /// <summary>A call whose answer has nothing to read.</summary>
    private Task<bool> CallAsync(
        HttpMethod method,
        ConsulTarget target,
        HttpContent? content,
        Func<HttpResponseMessage, bool> accepts,
        CancellationToken cancellationToken) =>
        _sender.SendAsync(
            method,
            target.ToString(),
            content,
            accepts,
            static (_, _) => ValueTask.FromResult(true),
            ConsulSender.CallTimeout,
            cancellationToken);

    private static async ValueTask<T> DecodeAsync<T>(
        HttpResponseMessage response,
        Func<Stream, CancellationToken, ValueTask<T>> decode,
        CancellationToken cancellationToken)
    {
        var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        await using (body.ConfigureAwait(false))
        {
            return await decode(body, cancellationToken).ConfigureAwait(false);
        }
    }

    private static ValueTask<T?> ReadOneAsync<T>(
        Stream body, JsonTypeInfo<T> type, CancellationToken cancellationToken) =>
        JsonSerializer.DeserializeAsync(body, type, cancellationToken);

    /// <summary>Element by element, so that what the wire needed is garbage before the next one is read.</summary>
    private static async ValueTask<TModel[]> ReadListAsync<TWire, TModel>(
        Stream body, JsonTypeInfo<TWire> type, Func<TWire, TModel?> toModel, CancellationToken cancellationToken)
        where TWire : class
        where TModel : class
    {
        var models = new List<TModel>();
        var items = JsonSerializer.DeserializeAsyncEnumerable(body, type, cancellationToken);
        await foreach (var item in items.ConfigureAwait(false))
        {
            if (item is not null && toModel(item) is { } model)
            {
                models.Add(model);
            }
        }

        return models.ToArray();
    }

    private static JsonBody<T> Body<T>(T value, JsonTypeInfo<T> type) => new(value, type);
}
