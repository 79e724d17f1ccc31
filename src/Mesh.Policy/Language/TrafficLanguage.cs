using Mesh.Policy.Language.Shapes;

namespace Mesh.Policy.Language;

/// <summary>
/// The table of the traffic language: every field once, with its meaning, bounds and default. Reading, validation,
/// printing, the JSON Schema and the reference in the README all come from it.
/// </summary>
internal static class TrafficLanguage
{
    private const string OfOneService = "It is about one service; set it in that service's own document.";

    private const string SubsetsSummary = "Endpoints of the service selected by their registered metadata, by name.";
    private const string RoutesSummary =
        "Routes in order; the first match wins, and what matches none goes to all endpoints.";

    /// <summary>Documents under <c>policy/services/</c>.</summary>
    public static ObjectShape<TrafficDocument> OfService { get; } = Later(Sections()
        .With("subsets", EndpointLanguage.Subsets, SubsetsSummary, d => d.Subsets, (d, v) => d with { Subsets = v })
        .With("routes", RouteLanguage.Routes, RoutesSummary, d => d.Routes, (d, v) => d with { Routes = v }));

    /// <summary>The document <c>policy/global</c>.</summary>
    public static ObjectShape<TrafficDocument> OfGlobal { get; } = Later(Sections()
        .Elsewhere("subsets", SubsetsSummary, OfOneService)
        .Elsewhere("routes", RoutesSummary, OfOneService));

    /// <summary>The shape of the document with that key.</summary>
    public static ObjectShape<TrafficDocument> Of(PolicyKey key) =>
        key.Scope == PolicyScope.Global ? OfGlobal : OfService;

    private static ObjectShape<TrafficDocument> Sections() =>
        new ObjectShape<TrafficDocument>(() => new TrafficDocument())
            .Head()
            .With("timeout", TimeoutLanguage.OfDocument, "Deadlines.", d => d.Timeout, (d, v) => d with { Timeout = v })
            .With("retry", RetryLanguage.OfDocument, "Retries.", d => d.Retry, (d, v) => d with { Retry = v })
            .With("balance", EndpointLanguage.Balance, "Balancing.", d => d.Balance, (d, v) => d with { Balance = v })
            .With(
                "outlier",
                EndpointLanguage.Outlier,
                "When an endpoint is taken out for a while.",
                d => d.Outlier,
                (d, v) => d with { Outlier = v })
            .With(
                "transport",
                InboundLanguage.Transport,
                "Protocols.",
                d => d.Transport,
                (d, v) => d with { Transport = v })
            .With(
                "inbound",
                InboundLanguage.Inbound,
                "What a service does with the calls it receives.",
                d => d.Inbound,
                (d, v) => d with { Inbound = v });

    private static ObjectShape<TrafficDocument> Later(ObjectShape<TrafficDocument> shape) => shape
        .Later("limits", "Concurrency and rate.")
        .Later("failover", "Other datacenters to use when this one has no endpoint.")
        .Later("hedge", "A second request ahead of an answer.")
        .Later("faults", "Injected delays and aborts.")
        .Later("mirror", "Copies of requests to another service.")
        .Later("headers", "Edits of request and response headers.")
        .Later("hash", "What of a request decides which endpoint it goes to.");
}
