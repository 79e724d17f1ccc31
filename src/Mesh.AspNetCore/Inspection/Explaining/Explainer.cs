using Mesh.AspNetCore.Inspection.Views;
using Mesh.Client;
using Mesh.Client.Attempts;
using Mesh.Client.Hosting;
using Mesh.Client.Pipeline;
using Mesh.Client.Policies;
using Mesh.Client.Routing;
using Mesh.Client.Transport;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>
/// Tells what would become of a described request. A dry run of the pipeline's own parts: the request is real but never
/// sent, routes are asked but no share is drawn, candidates are weighed but none is picked, no watch starts.
/// </summary>
internal sealed class Explainer(InspectionSources sources)
{
    private readonly TargetTeller _targets = new(sources.Runtime.Clock);
    private readonly UpstreamInspector _upstreams = new(sources);

    public Explanation Explain(HttpRequestMessage request, string? client)
    {
        var uri = request.RequestUri!;
        var verdict = sources.Names.Judge(uri, out var service);
        var sight = client is null ? null : sources.Clients.Find(client);
        var explanation = new Explanation
        {
            Method = request.Method.Method,
            Target = $"{uri.Scheme}://{uri.IdnHost}{(uri.IsDefaultPort ? "" : $":{uri.Port}")}",
            Grpc = RequestFacts.IsGrpc(request),
            Meshed = verdict == NameVerdict.Meshed && sight is not { Settings: null },
            Because = Because(verdict, uri, service, client, sight),
            Client = sight is null ? null : ProcessInspector.Client(sight),
            Service = service.Length > 0 ? service : null,
        };
        return explanation.Meshed ? Resolve(explanation, request, sight) : explanation;
    }

    private string Because(NameVerdict verdict, Uri uri, string service, string? client, MeshClientSight? sight)
    {
        var name = Sentences.Of(verdict, uri, service, sources.Options);
        if (verdict != NameVerdict.Meshed || client is null)
        {
            return name;
        }

        return sight switch
        {
            null => $"{name}; no HttpClient of the name given was built yet, so one without peculiarities is assumed",
            { Settings: null } => $"this HttpClient is not meshed: {sight.Reason}",
            { Settings.RetriesOff: true } => $"{name}; retries of this HttpClient are off: {sight.Reason}",
            _ => $"{name}, and this HttpClient is meshed",
        };
    }

    private Explanation Resolve(Explanation explanation, HttpRequestMessage request, MeshClientSight? client)
    {
        var upstream = sources.Runtime.Find(explanation.Service!, out var watched);
        var status = sources.Feeds.Policy.Status;
        explanation = explanation with
        {
            PolicySource = PolicyBook.Word(status.Source),
            PolicySeconds = Figures.Seconds(status.Age),
            Switches =
            [
                .. status.SwitchesInForce.Where(s => s.Upstreams.Contains(explanation.Service!))
                    .Select(ProcessInspector.Switch),
            ],
        };
        if (upstream is null)
        {
            return explanation with { Unresolved = NeverCalled(explanation.Service!) };
        }

        explanation = explanation with { Discovery = _upstreams.Discovery(upstream) };
        if (upstream.Runtime is not { } runtime)
        {
            return explanation with { Unresolved = WithoutEndpoints(upstream) };
        }

        return Route(explanation, request, runtime, client) with
        {
            Unresolved = watched ? null : "it is not watched until the next call: this is what was last known",
        };
    }

    private string NeverCalled(string service) =>
        $"this process has not called {service} lately: the first call asks Consul and waits up to " +
        $"{Sentences.Span(sources.Options.Discovery.FirstAnswerTimeout)}; " +
        IfUnknown(sources.Options.Upstreams.ContainsKey(service));

    private string WithoutEndpoints(Upstream upstream) => upstream.IsUnknown
        ? $"no source of endpoints has ever heard of {upstream.Name}; {IfUnknown(upstream.IsDeclared)}"
        : $"no source of endpoints has answered about {upstream.Name} yet; {IfUnknown(upstream.IsDeclared)}";

    private string IfUnknown(bool declared) =>
        sources.Pipeline.PassesOn(declared)
            ? "while it is unknown, its calls pass through to the client's own handler (UnknownServices is PassThrough)"
            : $"while it is unknown, its calls fail with {MeshReasons.UnknownService} or {MeshReasons.NoEndpoints}";

    private Explanation Route(
        Explanation explanation, HttpRequestMessage request, ServiceRuntime runtime, MeshClientSight? client)
    {
        var route = runtime.Route(request);
        using var handler = (MeshHandler)sources.Handlers.Create(client?.Settings ?? new ClientSettings { Name = "" });
        using var call = new MeshCall(sources.Pipeline.Services);
        var next = route.Next();
        var first = (next ?? route.Targets[0]).Group.Effective;
        call.Rehearse(handler, runtime, request, route, first);
        var timeouts = Timeouts(call, route);
        FailOnce(call, first);
        var from = 0;
        var targets = new List<TargetStory>();
        foreach (var target in route.Targets)
        {
            var share = Sentences.Share((target.Until - from) / (double)SplitRule.Whole);
            targets.Add(_targets.Tell(runtime, target, share, next is null ? null : next == target, call.MayRepeat));
            from = target.Until;
        }

        return explanation with
        {
            PolicyRevision = runtime.PolicyRevision,
            Route = new RouteStory { Name = route.Name, Skipped = Skipped(runtime, route, request) },
            Targets = targets,
            Timeouts = timeouts,
            Retry = RetryTeller.Tell(call, request.Options, sources.Time),
        };
    }

    // As if the first attempt had gone to the likeliest place and failed: what follows is then a question of the rules.
    private void FailOnce(MeshCall call, EndpointGroup group)
    {
        if (group.Set.Candidates.Count > 0)
        {
            call.BeginAttempt(group.Set.Candidates[0], sources.Runtime.Clock.Now);
            call.RememberTried();
        }
    }

    private static List<SkippedRoute> Skipped(ServiceRuntime runtime, RoutePlan taken, HttpRequestMessage request)
    {
        var skipped = new List<SkippedRoute>();
        foreach (var route in runtime.Routes.TakeWhile(r => r != taken))
        {
            var rule = runtime.Policy.Routes.First(r => r.Name == route.Name).Match!;
            if (route.Matcher!.FirstFailure(request) is { } failure)
            {
                skipped.Add(new SkippedRoute { Name = route.Name, Because = Sentences.Of(failure, rule) });
            }
        }

        return skipped;
    }

    private static TimeoutStory Timeouts(MeshCall call, RoutePlan route)
    {
        var connecting = ConnectDeadlines.Of(call.Runtime);
        return new TimeoutStory
        {
            TotalMs = Figures.Milliseconds(call.Total),
            TotalIsCallers = call.DeadlineIsCallers,
            AttemptMs = Figures.Milliseconds(call.AttemptLimit),
            ConnectMs = Limit(connecting.Connect),
            HandshakeMs = Limit(connecting.Handshake),
            IdleMs = Figures.Milliseconds(route.Timeout.Idle),
        };
    }

    private static double? Limit(TimeSpan limit) =>
        limit == Timeout.InfiniteTimeSpan ? null : Figures.Milliseconds(limit);
}
