using System.Text;
using System.Text.Json;
using Mesh.ConfigServer.Access;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Editing;
using Mesh.Policy;

namespace Mesh.ConfigServer.Http;

/// <summary>What is in force, and what would be.</summary>
internal sealed class PolicyHandlers(DocumentStore store, DocumentWriter writer, TimeProvider time)
{
    /// <summary>A document may have 512 KiB, and JSON may write each byte of it as an escape of six.</summary>
    private const int MaxValidate = (6 * PolicyLimits.DocumentBytes) + 4096;

    public Task ListAsync(HttpContext context) => store.Current is { } state
        ? Answers.JsonAsync(context, state.ToList(), MeshWireJson.Default.PolicyListWire)
        : Answers.NotReadyAsync(context);

    public Task ReadyAsync(HttpContext context) => store.Current is null
        ? Answers.NotReadyAsync(context)
        : Answers.TextAsync(context, "text/plain", "ready");

    public async Task ValidateAsync(HttpContext context)
    {
        var request = await BoundedBody.ReadAsync(context, MaxValidate, MeshWireJson.Default.ValidateRequest);
        if (request is null)
        {
            return;
        }

        var body = Encoding.UTF8.GetBytes(request.Body);
        var judged = await writer.JudgeAsync(request.Key, body, context.RequestAborted);
        var verdict = judged.Verdict!;
        var answer = new ValidateResponse
        {
            Key = request.Key,
            Accepted = verdict.Good is not null,
            Hash = PolicyRevision.HashOf(body),
            Problems = verdict.Problems,
            Ignored = verdict.Ignored,
            Clients = judged.Obedience,
            Breaks = request.Key.Kind == PolicyDocumentKind.Security && verdict.Good is not null ? judged.Breaks : null,
        };
        await Answers.JsonAsync(context, answer, MeshWireJson.Default.ValidateResponse);
    }

    /// <summary>
    /// What callers of one service live by, and what it does itself with the calls it receives: merged, with the origin of
    /// each value.
    /// </summary>
    public async Task EffectiveAsync(HttpContext context)
    {
        var service = context.Request.RouteValues["service"]?.ToString()?.ToLowerInvariant();
        if (!PolicyKey.IsServiceName(service))
        {
            await Answers.ProblemAsync(
                context, StatusCodes.Status400BadRequest, $"'{service}' cannot be the name of a service.");
        }
        else if (store.Current is not { } state)
        {
            await Answers.NotReadyAsync(context);
        }
        else
        {
            context.Response.ContentType = "application/json; charset=utf-8";
            var indented = new JsonWriterOptions { Indented = true };
            await using var writer = new Utf8JsonWriter(context.Response.BodyWriter, indented);
            Write(writer, state, service, context.Request.Query["caller"].ToString(), Asker.Of(context));
        }
    }

    private void Write(Utf8JsonWriter writer, DeskState state, string service, string caller, Asker asker)
    {
        var selection = new PolicySelection(new HashSet<string>(StringComparer.OrdinalIgnoreCase) { service }, caller);
        var own = state.Select(new PolicySelection(new HashSet<string>(), service)).Values
            .Where(d => d.Key.Kind != PolicyDocumentKind.Switches);
        var documents = state.Select(selection).Values.Concat(own).DistinctBy(d => d.Key).Where(d => asker.MayRead(d.Key))
            .OrderBy(d => d.Key.ToString(), StringComparer.Ordinal).ToArray();
        var (global, traffic) = (
            state.InForce(PolicyKey.GlobalTraffic)?.Traffic, state.InForce(PolicyKey.TrafficTo(service))?.Traffic);
        var policy = PolicyMerger.Merge(service, global, traffic);
        var security = SecurityMerger.Merge(
            service,
            state.InForce(PolicyKey.GlobalSecurity)?.Security,
            state.InForce(PolicyKey.SecurityOf(service))?.Security);
        var thrown = documents
            .Where(d => d.Key.Kind == PolicyDocumentKind.Switches && d.State != PolicyDocumentState.Expired)
            .Select(d => KeyValuePair.Create(d.Key, state.InForce(d.Key)!.Switches!));
        var switches = SwitchResolver.Resolve(service, caller, thrown, time.GetUtcNow());

        writer.WriteStartObject();
        writer.WriteNumber("schema", WireSchema.Current);
        writer.WriteString("mesh", state.Mesh);
        writer.WriteString("service", service);
        writer.WriteString("hash", PolicySnapshotWire.HashOf(documents));
        writer.WriteStartArray("documents");
        foreach (var document in documents)
        {
            writer.WriteStartObject();
            writer.WriteString("key", document.Key.ToString());
            writer.WriteString("revision", document.Revision.ToString());
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartObject("switches");
        writer.WriteBoolean("bypass", switches.Bypass);
        writer.WriteStartArray("off");
        foreach (var word in MechanismWords.Of(switches.Off))
        {
            writer.WriteStringValue(word);
        }

        writer.WriteEndArray();
        WriteThrown(writer, SwitchResolver.InForce(service, caller, thrown, time.GetUtcNow()));
        writer.WriteEndObject();
        writer.WritePropertyName("policy");
        writer.WriteRawValue(PolicyWriter.Write(policy));
        writer.WritePropertyName("inbound");
        writer.WriteRawValue(PolicyWriter.Write(PolicyMerger.MergeInbound(global, traffic)));
        if (asker.MayRead(PolicyKey.SecurityOf(service)))
        {
            writer.WritePropertyName("security");
            writer.WriteRawValue(PolicyWriter.Write(security));
        }

        writer.WriteEndObject();
    }

    private static void WriteThrown(
        Utf8JsonWriter writer, IEnumerable<KeyValuePair<PolicyKey, SwitchDocument>> thrown)
    {
        writer.WriteStartArray("thrown");
        foreach (var (key, document) in thrown)
        {
            writer.WriteStartObject();
            writer.WriteString("key", key.ToString());
            writer.WritePropertyName("switch");
            var wire = SwitchWire.From(document, isExpired: false);
            JsonSerializer.Serialize(writer, wire, MeshWireJson.Default.SwitchWire);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
