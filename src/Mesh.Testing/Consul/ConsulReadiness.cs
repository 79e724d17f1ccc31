using System.Text.Json;

namespace Mesh.Testing;

/// <summary>Waits until an agent does what a test will ask of it.</summary>
internal static class ConsulReadiness
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    /// <summary>
    /// A leader is there, with ACLs the token may manage them, it is our agent that answers, KV takes writes and the
    /// node is in the catalog.
    /// </summary>
    public static async Task WaitAsync(ConsulApi api, bool acl, string run, CancellationToken cancellationToken)
    {
        await UntilAsync(
            async () => await GetAsync(api, "/v1/status/leader", cancellationToken).ConfigureAwait(false)
                is { ValueKind: JsonValueKind.String } leader && leader.GetString() is { Length: > 0 },
            cancellationToken).ConfigureAwait(false);
        if (acl)
        {
            await UntilAsync(
                async () => await GetAsync(api, "/v1/acl/policies", cancellationToken).ConfigureAwait(false)
                    is not null,
                cancellationToken).ConfigureAwait(false);
        }

        // If our agent could not have its port, whoever has it may be another Consul, ready as can be.
        await UntilAsync(
            async () => await GetAsync(api, "/v1/agent/self", cancellationToken).ConfigureAwait(false) is { } self &&
                self.TryGetProperty("Meta", out var meta) &&
                meta.TryGetProperty(ConsulConfiguration.RunKey, out var value) && value.ValueEquals(run),
            cancellationToken).ConfigureAwait(false);

        const string Key = "/v1/kv/mesh-testing-ready";
        await UntilAsync(() => IsTrueAsync(api, HttpMethod.Put, Key, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        await UntilAsync(() => IsTrueAsync(api, HttpMethod.Delete, Key, cancellationToken), cancellationToken)
            .ConfigureAwait(false);
        await UntilAsync(
            async () => HasItems(await GetAsync(api, "/v1/catalog/nodes", cancellationToken).ConfigureAwait(false)),
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The certificate authority has a root and signs.</summary>
    public static Task WaitForAuthorityAsync(ConsulApi api, CancellationToken cancellationToken) => UntilAsync(
        async () => await GetAsync(api, "/v1/agent/connect/ca/leaf/mesh-testing-ready", cancellationToken)
            .ConfigureAwait(false) is not null,
        cancellationToken);

    /// <summary>The agent can read the other datacenter's catalog.</summary>
    public static Task WaitForDatacenterAsync(ConsulApi api, string datacenter, CancellationToken cancellationToken) =>
        UntilAsync(
            async () => HasItems(
                await GetAsync(api, $"/v1/catalog/nodes?dc={datacenter}", cancellationToken).ConfigureAwait(false)),
            cancellationToken);

    /// <summary>The agent knows a datacenter besides its own.</summary>
    public static Task WaitForAnyOtherDatacenterAsync(ConsulApi api, CancellationToken cancellationToken) =>
        UntilAsync(
            async () => await GetAsync(api, "/v1/catalog/datacenters", cancellationToken).ConfigureAwait(false)
                is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 1,
            cancellationToken);

    private static Task<JsonElement?> GetAsync(ConsulApi api, string path, CancellationToken cancellationToken) =>
        api.TryAsync(HttpMethod.Get, path, null, cancellationToken);

    private static async Task<bool> IsTrueAsync(
        ConsulApi api, HttpMethod method, string path, CancellationToken cancellationToken) =>
        await api.TryAsync(method, path, method == HttpMethod.Put ? "ready" : null, cancellationToken)
            .ConfigureAwait(false) is { ValueKind: JsonValueKind.True };

    private static bool HasItems(JsonElement? answer) =>
        answer is { ValueKind: JsonValueKind.Array } list && list.GetArrayLength() > 0;

    private static async Task UntilAsync(Func<Task<bool>> condition, CancellationToken cancellationToken)
    {
        while (!await condition().ConfigureAwait(false))
        {
            await Task.Delay(Pause, TimeProvider.System, cancellationToken).ConfigureAwait(false);
        }
    }
}
