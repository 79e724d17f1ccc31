using System.Text.Json.Serialization.Metadata;

namespace Mesh.Policy.Tests.Wire;

/// <summary>One message of each type, as the fixtures of schema 1 hold it.</summary>
internal static class WireSamples
{
    private static readonly DateTimeOffset At = new(2026, 11, 20, 18, 30, 0, TimeSpan.Zero);

    private static readonly PolicyRevision Good = new("dc1", 42, "0123456789abcdef");

    private static readonly PolicyRevision Bad = new("dc1", 57, "fedcba9876543210");

    private static readonly PolicyProblem Problem = new(
        "/retry/maxAttempts", "out-of-range", "The value must be a whole number from 1 to 5.", "9", "1 to 5");

    private static readonly PolicyProblem Unknown = new(
        "/timeot", "unknown-field", "There is no field \"timeot\" here; did you mean \"timeout\"?", "{...}", null,
        "timeout");

    private static readonly PolicyDocumentWire Document = new()
    {
        Key = PolicyKey.TrafficTo("orders"),
        Revision = Good,
        Body = "// canary\n{ \"schema\": 1 }\n",
        State = PolicyDocumentState.Refused,
    };

    public static IReadOnlyDictionary<string, (object Message, JsonTypeInfo Type)> All { get; } =
        new Dictionary<string, (object, JsonTypeInfo)>
        {
            ["snapshot"] = (Snapshot(), MeshWireJson.Default.PolicySnapshotWire),
            ["event-change"] = (Event(PolicyEventType.Change), MeshWireJson.Default.PolicyEvent),
            ["event-heartbeat"] = (
                Event(PolicyEventType.Heartbeat) with { Documents = [], Removed = [] },
                MeshWireJson.Default.PolicyEvent),
            ["list"] = (List(), MeshWireJson.Default.PolicyListWire),
            ["report"] = (Report(), MeshWireJson.Default.ClientReport),
            ["report-inbound"] = (Report() with { Inbound = Inbound() }, MeshWireJson.Default.ClientReport),
            ["clients"] = (
                new ClientListWire { Clients = [new ClientListEntryWire(At, Report())] },
                MeshWireJson.Default.ClientListWire),
            ["validate-request"] = (
                new ValidateRequest { Key = PolicyKey.GlobalSwitches, Body = "{ \"mode\": \"bypass\" }" },
                MeshWireJson.Default.ValidateRequest),
            ["validate-response"] = (
                new ValidateResponse
                {
                    Key = PolicyKey.TrafficTo("orders"),
                    Accepted = false,
                    Hash = Bad.Hash,
                    Problems = [Problem],
                    Ignored = [Unknown],
                },
                MeshWireJson.Default.ValidateResponse),
        };

    private static PolicySnapshotWire Snapshot() => new()
    {
        Mesh = "mesh",
        Datacenter = "dc1",
        Hash = PolicySnapshotWire.HashOf([Document]),
        Documents = [Document],
    };

    private static PolicyEvent Event(PolicyEventType type) => new()
    {
        Type = type,
        Mesh = "mesh",
        Datacenter = "dc1",
        Hash = PolicySnapshotWire.HashOf([Document]),
        Documents = [Document],
        Removed = [PolicyKey.SwitchesOf("web"), PolicyKey.GlobalTraffic],
    };

    private static PolicyListWire List() => new()
    {
        Mesh = "mesh",
        Datacenter = "dc1",
        Hash = PolicySnapshotWire.HashOf([Document]),
        Documents =
        [
            new PolicyListEntryWire
            {
                Key = PolicyKey.TrafficTo("orders"),
                Revision = Bad,
                State = PolicyDocumentState.Refused,
                Problems = [Problem],
                LastGood = Good,
                Meta = new PolicyMeta { Owner = "team-orders", By = "ana", Why = "canary v2", Ticket = "ORD-4711" },
                SeenAt = At,
            },
            new PolicyListEntryWire
            {
                Key = PolicyKey.GlobalSwitches, Revision = Good, State = PolicyDocumentState.Orphaned,
                Ignored = [Unknown],
            },
        ],
        UnknownKeys = [new PolicyProblem("polcy/global", "invalid-format", "No such key.", null, null, "policy/global")],
    };

    private static InboundReport Inbound() => new()
    {
        Tls = "permissive",
        Intentions = "shadow",
        Identity = "spiffe://11111111-2222-3333-4444-555555555555.consul/ns/default/dc/dc1/svc/web",
        Since = At,
        Plaintext = [new PlaintextCallerReport("batch", 12, At), new PlaintextCallerReport("10.0.0.7", 1, At)],
        WouldDeny = [new WouldDenyReport("orders", "intention", 3, At)],
    };

    private static ClientReport Report() => new()
    {
        Instance = "web-7f3a",
        Service = "web",
        Node = "node-1",
        Zone = "a",
        Version = "1.4.2",
        Library = "0.1.0",
        StartedAt = At,
        Source = PolicySource.Desk,
        Hash = PolicySnapshotWire.HashOf([Document]),
        Documents =
        [
            new ClientDocumentReport
            {
                Key = PolicyKey.GlobalTraffic, Revision = Good, State = ClientDocumentState.IgnoredParts,
                Ignored = [Unknown],
            },
            new ClientDocumentReport
            {
                Key = PolicyKey.TrafficTo("orders"),
                Revision = Bad,
                State = ClientDocumentState.Refused,
                Problems = [Problem],
                LastGood = Good,
            },
        ],
        Switches = [new ClientSwitchReport { Upstream = "orders", Bypass = true, Off = ["retry", "eject"] }],
    };
}
