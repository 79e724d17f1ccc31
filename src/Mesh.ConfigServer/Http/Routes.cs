using Mesh.ConfigServer.Streaming;
using Mesh.Policy;

namespace Mesh.ConfigServer.Http;

/// <summary>What the desk answers to.</summary>
internal static class Routes
{
    public const string Healthz = "/healthz";
    public const string Readyz = "/readyz";
    public const string Clients = "/v1/clients";
    public const string Validate = "/v1/validate";

    public static void Map(WebApplication app)
    {
        var policies = app.Services.GetRequiredService<PolicyHandlers>();
        var clients = app.Services.GetRequiredService<ClientHandlers>();
        app.MapGet("/v1/policies", policies.ListAsync);
        app.MapGet("/v1/policies/stream", app.Services.GetRequiredService<PolicyStream>().HandleAsync);
        app.MapGet("/v1/policies/{service}", policies.EffectiveAsync);
        MapDocument(app, "/v1/documents/{kind}/global");
        MapDocument(app, "/v1/documents/{kind}/{scope}/{name}");
        app.MapPost(Validate, policies.ValidateAsync);
        app.MapGet(Clients, clients.ListAsync);
        app.MapPut(Clients + "/{instance}", clients.PutAsync);
        app.MapGet("/v1/doors", app.Services.GetRequiredService<DoorHandlers>().ListAsync);
        app.MapGet("/schema/policy.json", context => SchemaAsync(context, PolicyDocumentKind.Traffic));
        app.MapGet("/schema/security.json", context => SchemaAsync(context, PolicyDocumentKind.Security));
        app.MapGet("/schema/switches.json", context => SchemaAsync(context, PolicyDocumentKind.Switches));
        app.MapGet(Healthz, context => Answers.TextAsync(context, "text/plain", "serving"));
        app.MapGet(Readyz, policies.ReadyAsync);
        PageHandlers.Map(app);
    }

    private static void MapDocument(WebApplication app, string document)
    {
        var documents = app.Services.GetRequiredService<DocumentHandlers>();
        var history = app.Services.GetRequiredService<HistoryHandlers>();
        app.MapGet(document, documents.GetAsync);
        app.MapPut(document, documents.PutAsync);
        app.MapGet(document + "/history", history.ListAsync);
        app.MapGet(document + "/history/{id}", history.RevisionAsync);
        app.MapGet(document + "/diff", history.DiffAsync);
        app.MapPost(document + "/rollback", history.RollbackAsync);
    }

    private static Task SchemaAsync(HttpContext context, PolicyDocumentKind kind) =>
        Answers.TextAsync(context, "application/schema+json", PolicySchema.Json(kind));
}
