using Mesh.Policy.Language.Shapes;
using Mesh.Policy.Validation;

namespace Mesh.Policy.Language;

/// <summary>The section <c>timeout</c>, of a document and of a route.</summary>
internal static class TimeoutLanguage
{
    private const string SharedConnections =
        "Connections are shared by all routes of a service; set it in the document's own timeout section.";

    private const string ConnectSummary = "Longest TCP connect.";
    private const string HandshakeSummary = "Longest TLS handshake.";

    public static ObjectShape<TimeoutSection> OfDocument { get; } = Deadlines()
        .With(
            "connect",
            Bounds.Connecting,
            ConnectSummary,
            s => s.Connect,
            (s, v) => s with { Connect = v },
            Durations.Format(PolicyDefaults.Timeout.Connect))
        .With(
            "handshake",
            Bounds.Connecting,
            HandshakeSummary,
            s => s.Handshake,
            (s, v) => s with { Handshake = v },
            Durations.Format(PolicyDefaults.Timeout.Handshake));

    public static ObjectShape<TimeoutSection> OfRoute { get; } = Deadlines()
        .Elsewhere("connect", ConnectSummary, SharedConnections)
        .Elsewhere("handshake", HandshakeSummary, SharedConnections);

    private static ObjectShape<TimeoutSection> Deadlines() =>
        new ObjectShape<TimeoutSection>(() => new TimeoutSection(), SectionChecks.Timeout)
            .With(
                "total",
                new OffShape<TimeSpan>(Bounds.Deadline),
                "From the start of the call to its response headers, all attempts and pauses included.",
                s => s.Total,
                (s, v) => s with { Total = v },
                "off (HttpClient.Timeout or the gRPC deadline rules)")
            .With(
                "attempt",
                new OffShape<TimeSpan>(Bounds.Deadline, "auto"),
                "One attempt that another one could follow, to its response headers.",
                s => s.Attempt,
                (s, v) => s with { Attempt = v },
                $"auto (a third of the total, at most {Durations.Format(PolicyDefaults.AttemptCap)})")
            .With(
                "idle",
                new OffShape<TimeSpan>(Bounds.Idle),
                "Longest pause between two reads of a response body.",
                s => s.Idle,
                (s, v) => s with { Idle = v },
                "off");
}
