using System.Collections.ObjectModel;
using System.Net;

namespace Mesh.Consul;

public sealed partial class ConsulClient
{
    /// <summary>
    /// Registers or updates an instance on this agent; checks it had and no longer names are removed.
    /// </summary>
    public Task RegisterServiceAsync(ServiceRegistration registration, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(registration);
        return CallAsync(
            HttpMethod.Put,
            ConsulTarget.For("v1/agent/service/register").With("replace-existing-checks", "true"),
            Body(RegistrationWire.From(registration), Json.RegistrationWire),
            IsOk,
            cancellationToken);
    }

    /// <summary>Removes an instance from this agent; harmless when it is not there.</summary>
    public async Task DeregisterServiceAsync(string serviceId, CancellationToken cancellationToken)
    {
        try
        {
            await CallAsync(
                HttpMethod.Put,
                ConsulTarget.For("v1/agent/service/deregister/", serviceId),
                content: null,
                static response => response.StatusCode is HttpStatusCode.OK or HttpStatusCode.NotFound,
                cancellationToken).ConfigureAwait(false);
        }
        catch (ConsulException e) when (
            e.StatusCode == HttpStatusCode.InternalServerError &&
            e.Message.Contains("Unknown service", StringComparison.OrdinalIgnoreCase))
        {
            // With ACLs, older agents say 500 where newer ones say 404. Gone is what was asked for.
        }
    }

    /// <summary>The instances registered on this agent, by ID.</summary>
    public Task<IReadOnlyDictionary<string, ConsulService>> GetAgentServicesAsync(
        CancellationToken cancellationToken) =>
        CallAsync<IReadOnlyDictionary<string, ConsulService>>(
            HttpMethod.Get,
            ConsulTarget.For("v1/agent/services"),
            content: null,
            async (body, token) =>
            {
                var wire = await ReadOneAsync(body, Json.DictionaryStringServiceWire, token).ConfigureAwait(false);
                return wire is null or { Count: 0 }
                    ? ReadOnlyDictionary<string, ConsulService>.Empty
                    : wire.Where(pair => pair.Value is not null)
                        .ToDictionary(pair => pair.Key, pair => pair.Value.ToModel());
            },
            cancellationToken);

    /// <summary>
    /// Refreshes a TTL check. Throws with status 404 or 500 and Consul's words when the agent does not know it.
    /// </summary>
    public Task UpdateCheckAsync(
        string checkId, ConsulHealth status, string output, CancellationToken cancellationToken)
    {
        var update = new CheckUpdateWire { Status = WireDefaults.Health(status), Output = output };
        return CallAsync(
            HttpMethod.Put,
            ConsulTarget.For("v1/agent/check/update/", checkId),
            Body(update, Json.CheckUpdateWire),
            IsOk,
            cancellationToken);
    }

    /// <summary>Puts an instance of this agent into maintenance, or takes it out.</summary>
    public Task SetMaintenanceAsync(
        string serviceId, bool enable, string reason, CancellationToken cancellationToken) =>
        CallAsync(
            HttpMethod.Put,
            ConsulTarget.For("v1/agent/service/maintenance/", serviceId)
                .With("enable", enable ? "true" : "false")
                .With("reason", reason),
            content: null,
            IsOk,
            cancellationToken);

    private static bool IsOk(HttpResponseMessage response) => response.StatusCode == HttpStatusCode.OK;
}
