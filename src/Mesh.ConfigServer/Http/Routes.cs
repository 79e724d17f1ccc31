using Mesh.ConfigServer.Streaming;
using Mesh.Policy;

namespace Mesh.ConfigServer.Http;

/// <summary>What the desk answers to.</summary>
internal static class Routes
{
    public const string Healthz = "/healthz";
    public const string Readyz = "/readyz";

    public static void Map(WebApplication app)
    {
        var policies = app.Services.GetRequiredService<PolicyHandlers>();
        var clients = app.Services.GetRequiredService<ClientHandlers>();
        app.MapGet("/v1/policies", policies.ListAsync);
        app.MapGet("/v1/policies/stream", app.Services.GetRequiredService<PolicyStream>().HandleAsync);
        app.MapGet("/v1/policies/{service}", policies.EffectiveAsync);
        app.MapPost("/v1/validate", policies.ValidateAsync);
        app.MapGet("/v1/clients", clients.ListAsync);
        app.MapPut("/v1/clients/{instance}", clients.PutAsync);
        app.MapGet("/schema/policy.json", context => SchemaAsync(context, PolicyDocumentKind.Traffic));
        app.MapGet("/schema/switches.json", context => SchemaAsync(context, PolicyDocumentKind.Switches));
        app.MapGet(Healthz, context => Answers.TextAsync(context, "text/plain", "serving"));
        app.MapGet(Readyz, policies.ReadyAsync);
        PageHandlers.Map(app);
    }

    private static Task SchemaAsync(HttpContext context, PolicyDocumentKind kind) =>
        Answers.TextAsync(context, "application/schema+json", PolicySchema.Json(kind));
}
