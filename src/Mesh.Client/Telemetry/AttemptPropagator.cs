using System.Diagnostics;

namespace Mesh.Client.Telemetry;

/// <summary>
/// Propagates as another does, and uses the moment: the platform shows its span of an attempt, and the request, to the
/// propagator of the handler, which is one endpoint's.
/// </summary>
internal sealed class AttemptPropagator(MeshEndpoint endpoint, DistributedContextPropagator inner, bool paths)
    : DistributedContextPropagator
{
    // Boxed once: where an endpoint is dialled never changes.
    private readonly object _port = endpoint.Port;

    // What names the span above the callee's. Baggage is the same for all attempts.
    private readonly string[] _spanFields = [.. inner.Fields.Where(f => f is not ("baggage" or "Correlation-Context"))];

    public override IReadOnlyCollection<string> Fields => inner.Fields;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (activity is not null && carrier is HttpRequestMessage request)
        {
            if (activity.IsAllDataRequested)
            {
                Tag(activity, request);
            }

            ForgetEarlierAttempt(activity, request);
        }

        inner.Inject(activity, carrier, setter);
    }

    public override void ExtractTraceIdAndState(
        object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        inner.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(
        object? carrier, PropagatorGetterCallback? getter) => inner.ExtractBaggage(carrier, getter);

    /// <summary>
    /// The platform never replaces a header that is there, and clears what it wrote for an earlier attempt only in handlers
    /// that follow redirects themselves: the callee's span would hang below an attempt that never reached it. A header of
    /// another trace is the application's own and stays.
    /// </summary>
    private void ForgetEarlierAttempt(Activity activity, HttpRequestMessage request)
    {
        foreach (var field in _spanFields)
        {
            if (request.Headers.NonValidated.TryGetValues(field, out var values)
                && values.ToString().Contains(activity.TraceId.ToHexString(), StringComparison.Ordinal))
            {
                RemoveAll(request);
                return;
            }
        }
    }

    private void RemoveAll(HttpRequestMessage request)
    {
        foreach (var field in _spanFields)
        {
            request.Headers.Remove(field);
        }
    }

    private void Tag(Activity activity, HttpRequestMessage request)
    {
        // Asked for after the platform made the span: a span of somebody else that is current stays as it is.
        if (activity.Source.Name != "System.Net.Http" && activity.OperationName != "System.Net.Http.HttpRequestOut")
        {
            return;
        }

        if (!paths && request.RequestUri is { IsAbsoluteUri: true } uri)
        {
            activity.SetTag(MeshTelemetry.UrlTag, uri.GetLeftPart(UriPartial.Authority) + "/*");
        }

        // A method that is none of HTTP's is put there as it is, and may be anything.
        activity.SetTag("http.request.method_original", null);
        activity.SetTag(MeshTelemetry.EndpointTag, endpoint.Id);
        activity.SetTag(MeshTelemetry.PeerAddressTag, endpoint.Host);
        activity.SetTag(MeshTelemetry.PeerPortTag, _port);
        if (endpoint.Zone is { } zone)
        {
            activity.SetTag(MeshTelemetry.ZoneTag, zone);
        }

        if (!request.Options.TryGetValue(AttemptTags.Key, out var tags))
        {
            return;
        }

        if (tags.Resends > 0)
        {
            activity.SetTag(MeshTelemetry.ResendCountTag, tags.Resends);
        }

        if (tags.Subset is { } subset)
        {
            activity.SetTag(MeshTelemetry.SubsetTag, subset);
        }
    }
}
