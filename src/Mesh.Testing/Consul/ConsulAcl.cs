using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;

namespace Mesh.Testing;

/// <summary>
/// Makes, narrows and deletes tokens: one policy for each, so that changing one never touches another.
/// </summary>
internal sealed class ConsulAcl(ConsulApi api)
{
    private readonly ConcurrentDictionary<string, (string Accessor, string Policy, string Rules)> _tokens =
        new(StringComparer.Ordinal);

    public async Task<string> CreateAsync(string rules, CancellationToken cancellationToken)
    {
        var secret = Guid.NewGuid().ToString();
        await MakeAsync(secret, Guid.NewGuid().ToString(), rules, cancellationToken).ConfigureAwait(false);
        return secret;
    }

    /// <summary>Makes all of them again, with the same secrets, on an agent that came back without its memory.</summary>
    public async Task RestoreAsync(CancellationToken cancellationToken)
    {
        foreach (var (secret, token) in _tokens)
        {
            await MakeAsync(secret, token.Accessor, token.Rules, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task UpdateAsync(string secret, string rules, CancellationToken cancellationToken)
    {
        var (accessor, policyId, _) = Known(secret);
        var path = $"/v1/acl/policy/{policyId}";
        var policy = await api.DoAsync(HttpMethod.Get, path, null, cancellationToken).ConfigureAwait(false);
        var body = Policy(policyId, policy.GetProperty("Name").GetString()!, rules);
        await api.DoAsync(HttpMethod.Put, path, body, cancellationToken).ConfigureAwait(false);
        _tokens[secret] = (accessor, policyId, rules);
    }

    public async Task DeleteAsync(string secret, CancellationToken cancellationToken)
    {
        var (accessor, policy, _) = Known(secret);
        await api.DoAsync(HttpMethod.Delete, $"/v1/acl/token/{accessor}", null, cancellationToken)
            .ConfigureAwait(false);
        _tokens.TryRemove(secret, out _);
        await api.DoAsync(HttpMethod.Delete, $"/v1/acl/policy/{policy}", null, cancellationToken).ConfigureAwait(false);
    }

    private async Task MakeAsync(string secret, string accessor, string rules, CancellationToken cancellationToken)
    {
        var name = $"mesh-testing-{Guid.NewGuid():N}";
        var policy = await api.DoAsync(HttpMethod.Put, "/v1/acl/policy", Policy(null, name, rules), cancellationToken)
            .ConfigureAwait(false);
        var policyId = policy.GetProperty("ID").GetString()!;
        await api.DoAsync(HttpMethod.Put, "/v1/acl/token", Token(secret, accessor, policyId), cancellationToken)
            .ConfigureAwait(false);
        _tokens[secret] = (accessor, policyId, rules);
    }

    private (string Accessor, string Policy, string Rules) Known(string secret) => _tokens.TryGetValue(secret, out var token)
        ? token
        : throw new ArgumentException(
            "This token was not made by CreateTokenAsync of this agent, or is deleted.", nameof(secret));

    private static string Policy(string? id, string name, string rules) => Json(json =>
    {
        if (id is not null)
        {
            json.WriteString("ID", id);
        }

        json.WriteString("Name", name);
        json.WriteString("Rules", rules);
    });

    private static string Token(string secret, string accessor, string policyId) => Json(json =>
    {
        json.WriteString("AccessorID", accessor);
        json.WriteString("SecretID", secret);
        json.WriteStartArray("Policies");
        json.WriteStartObject();
        json.WriteString("ID", policyId);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }
}
