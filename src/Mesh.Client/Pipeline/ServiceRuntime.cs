using Mesh.Client.Routing;
using Mesh.Policy;

namespace Mesh.Client.Pipeline;

/// <summary>
/// Everything a call to one service needs, immutable: plans compiled from policy, and the endpoint groups they send to.
/// One volatile read gives it; a change of policy makes a new one, a change of endpoints a new set within its groups.
/// </summary>
internal sealed class ServiceRuntime
{
    public required Upstream Upstream { get; init; }

    /// <summary>In order, first match wins; the last one matches everything.</summary>
    public required RoutePlan[] Routes { get; init; }

    /// <summary>The groups by subset name; all endpoints under the empty string.</summary>
    public required IReadOnlyDictionary<string, EndpointGroup> Groups { get; init; }

    public required SwitchState Switches { get; init; }

    public required EffectivePolicy Policy { get; init; }

    /// <summary>For messages and reports: <c>default</c>, or the revisions of the documents in force.</summary>
    public required string PolicyRevision { get; init; }

    /// <summary>The route of a request: one comparison when there is only the catch-all.</summary>
    public RoutePlan Route(HttpRequestMessage request)
    {
        var routes = Routes;
        for (var i = 0; i < routes.Length - 1; i++)
        {
            if (routes[i].Takes(request))
            {
                return routes[i];
            }
        }

        return routes[^1];
    }
}
