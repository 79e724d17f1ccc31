using System.Net;

namespace Mesh.Consul;

public sealed partial class ConsulClient
{
    /// <summary>Consul refuses to answer more at once.</summary>
    private const int MaxAuthorizations = 64;

    /// <summary>
    /// How often the token changed since the first one, because its file did. What was done with the old token and outlives
    /// the call (a registration: the agent keeps the token it was made with) has to be done again.
    /// </summary>
    public int TokenChanges => _sender.TokenChanges;

    /// <summary>
    /// Which of these the token may not do. The only way to tell "there is nothing" from "you may not see it": reads of
    /// health and of key prefixes leave out what the token may not see, without a word.
    /// </summary>
    /// <param name="permissions">What to ask about; any number.</param>
    /// <param name="datacenter">Where; <see langword="null"/> means the agent's own.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>
    /// What it may not do, empty when it may do everything or Consul has no ACLs; <see langword="null"/> when this Consul does
    /// not answer such questions.
    /// </returns>
    /// <exception cref="ConsulException">
    /// Consul could not answer; <see cref="ConsulException.IsTokenUnknown"/>: it does not know the token at all.
    /// </exception>
    public async Task<IReadOnlyList<ConsulPermission>?> FindMissingAsync(
        IReadOnlyList<ConsulPermission> permissions, string? datacenter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(permissions);
        var missing = new List<ConsulPermission>();
        foreach (var batch in permissions.Chunk(MaxAuthorizations))
        {
            try
            {
                missing.AddRange(await MissingOfAsync(batch, datacenter, cancellationToken).ConfigureAwait(false));
            }
            catch (ConsulException e) when (
                e.StatusCode == HttpStatusCode.Unauthorized &&
                e.Message.Contains("ACL support disabled", StringComparison.OrdinalIgnoreCase))
            {
                return [];
            }
            catch (ConsulException e) when (
                e.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.BadRequest
                    or HttpStatusCode.Unauthorized || (e.StatusCode == HttpStatusCode.Forbidden && !e.IsTokenUnknown))
            {
                // The question itself is not known here, or something on the way lets only documented paths pass.
                return null;
            }
        }

        return missing;
    }

    private Task<ConsulPermission[]> MissingOfAsync(
        ConsulPermission[] permissions, string? datacenter, CancellationToken cancellationToken)
    {
        var question = permissions
            .Select(p => new AuthorizationWire { Resource = p.Resource, Access = p.Access, Segment = p.Segment })
            .ToArray();
        return CallAsync(
            HttpMethod.Post,
            ConsulTarget.For("v1/internal/acl/authorize").WithDatacenter(datacenter ?? _settings.Datacenter),
            Body(question, Json.AuthorizationWireArray),
            async (body, token) =>
            {
                var answers = await ReadOneAsync(body, Json.AuthorizationWireArray, token).ConfigureAwait(false) ?? [];
                return permissions.Where(p => !answers.Any(a => IsAbout(a, p) && a.Allow == true)).ToArray();
            },
            cancellationToken);
    }

    private static bool IsAbout(AuthorizationWire answer, ConsulPermission permission) =>
        answer.Resource == permission.Resource && answer.Access == permission.Access &&
        (answer.Segment ?? "") == permission.Segment;
}
