using System.Diagnostics.CodeAnalysis;

namespace Mesh.Client.Security;

/// <summary>
/// How the path of a SPIFFE ID names a service: as Consul writes it, or as <c>Mesh:Identity:Path</c> says. The same shape
/// tells who a peer is and whom to expect.
/// </summary>
internal sealed class IdentityPaths
{
    /// <summary>
    /// Consul's shape, in its default namespace and partition. Services of other ones may have the same names without being
    /// the same, so they are nobody here; who lives in one writes it into the template.
    /// </summary>
    public const string ConsulShape = "/ns/default/dc/{datacenter}/svc/{service}";

    private const string Service = "{service}";
    private const string Datacenter = "{datacenter}";

    private readonly string[] _shape;

    /// <exception cref="ArgumentException">The template is not valid; see <see cref="Fault"/>.</exception>
    public IdentityPaths(string template = ConsulShape)
    {
        if (Fault(template) is { } fault)
        {
            throw new ArgumentException(fault, nameof(template));
        }

        _shape = template[1..].Split('/');
    }

    /// <summary>Why a template is none, as a sentence; <see langword="null"/> when it is one.</summary>
    public static string? Fault(string template)
    {
        if (!template.StartsWith('/'))
        {
            return $"'{template}' does not begin with '/'.";
        }

        var segments = template[1..].Split('/');
        foreach (var segment in segments)
        {
            if (segment is not (Service or Datacenter) && !SpiffeId.IsSegment(segment))
            {
                return $"'{segment}' in '{template}' is neither {Service}, {Datacenter}, nor a text of letters, digits, " +
                    "'.', '-' and '_'.";
            }
        }

        return segments.Count(s => s == Service) != 1 || segments.Count(s => s == Datacenter) > 1
            ? $"'{template}' must have {Service} exactly once and may have {Datacenter} once."
            : null;
    }

    /// <summary>The service that an ID names, of whatever trust domain; <see langword="null"/> when it names none.</summary>
    public string? ServiceOf(SpiffeId id) => TryRead(id, out var service, out _) ? service : null;

    /// <summary>The datacenter that an ID names; <see langword="null"/> when it names none.</summary>
    public string? DatacenterOf(SpiffeId id) => TryRead(id, out _, out var datacenter) ? datacenter : null;

    /// <summary>The ID that an endpoint of a service must prove.</summary>
    /// <param name="service">The service's name.</param>
    /// <param name="datacenter">The endpoint's datacenter; without meaning where the template has none.</param>
    /// <param name="trustDomain">Ours: endpoints found in our registry are of our mesh.</param>
    /// <exception cref="ArgumentException">A name cannot be part of a SPIFFE ID.</exception>
    public SpiffeId Expected(string service, string datacenter, string trustDomain) =>
        new(trustDomain, string.Concat(_shape.Select(segment => "/" + segment switch
        {
            Service => Whole(service),
            Datacenter => Whole(datacenter),
            _ => segment,
        })));

    /// <summary>A name with a slash would be more than the one segment it stands for.</summary>
    private static string Whole(string name) => SpiffeId.IsSegment(name)
        ? name
        : throw new ArgumentException($"'{name}' cannot be part of a SPIFFE ID: letters, digits, '.', '-' and '_' can.");

    private bool TryRead(SpiffeId id, [NotNullWhen(true)] out string? service, out string? datacenter)
    {
        (service, datacenter) = (null, null);
        var segments = id.Path[1..].Split('/');
        if (segments.Length != _shape.Length)
        {
            return false;
        }

        for (var i = 0; i < segments.Length; i++)
        {
            switch (_shape[i])
            {
                case Service:
                    service = segments[i];
                    break;
                case Datacenter:
                    datacenter = segments[i];
                    break;
                default:
                    if (_shape[i] != segments[i])
                    {
                        service = null;
                        return false;
                    }

                    break;
            }
        }

        return service is not null;
    }
}
