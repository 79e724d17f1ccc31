using System.Globalization;
using System.Net.Mime;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Mesh.AspNetCore.Inspection.Explaining;
using Mesh.Client.Pipeline;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

namespace Mesh.AspNetCore.Inspection;

/// <summary>Answers <c>/mesh</c> and <c>/mesh/explain</c>; asks for parts of the mesh with the first request.</summary>
internal sealed class InspectionEndpoints(IServiceProvider services)
{
    /// <summary>Endpoints of each upstream in one answer, when the caller names no number.</summary>
    private const int UsualEndpoints = 100;

    private const int MostEndpoints = 1_000;

    /// <summary>A described request is a few lines.</summary>
    private const int MostBytes = 64 * 1024;

    private const string Text = MediaTypeNames.Text.Plain + "; charset=utf-8";

    private readonly Lazy<InspectionSources> _sources = new(() => InspectionSources.Of(services));

    /// <summary>What the mesh of this process is like.</summary>
    public Task ShowAsync(HttpContext context)
    {
        if (TurnAway(context) is { } refused)
        {
            return refused;
        }

        var problems = new List<string>();
        var query = context.Request.Query;
        var offset = Number(query, "offset", 0, 0, int.MaxValue, problems);
        var limit = Number(query, "limit", UsualEndpoints, 0, MostEndpoints, problems);
        var upstream = query["upstream"].FirstOrDefault()?.ToLowerInvariant();
        if (problems.Count > 0)
        {
            return TellAsync(context, StatusCodes.Status400BadRequest, problems);
        }

        if (upstream is not null && _sources.Value.Runtime.Find(upstream, out _) is null)
        {
            return TellAsync(
                context, StatusCodes.Status404NotFound,
                ["This process has not called a service of that name; GET without ?upstream= lists those it has."]);
        }

        return WriteAsync(
            context, new ProcessInspector(_sources.Value).Describe(upstream, offset, limit),
            InspectionJson.Default.ProcessView);
    }

    /// <summary>What would become of the request that the query describes.</summary>
    public Task ExplainQueryAsync(HttpContext context)
    {
        if (TurnAway(context) is { } refused)
        {
            return refused;
        }

        var problems = new List<string>();
        return ExplainAsync(context, ExplainQuery.Read(context.Request.Query, problems), problems);
    }

    /// <summary>What would become of the request that the body describes.</summary>
    public async Task ExplainBodyAsync(HttpContext context)
    {
        if (TurnAway(context) is { } refused)
        {
            await refused.ConfigureAwait(false);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = MostBytes;
        }

        var problems = new List<string>();
        ExplainRequest? described = null;
        try
        {
            described = await JsonSerializer
                .DeserializeAsync(context.Request.Body, InspectionJson.Default.ExplainRequest, context.RequestAborted)
                .ConfigureAwait(false);
        }
        catch (JsonException error)
        {
            problems.Add($"The body is not a request described in JSON, at {error.Path ?? "its start"}. Write it " +
                         "like {\"url\": \"http://orders/orders/7\", \"headers\": {\"x-beta\": \"yes\"}}.");
        }

        await ExplainAsync(context, described ?? new ExplainRequest(), problems).ConfigureAwait(false);
    }

    private async Task ExplainAsync(HttpContext context, ExplainRequest described, List<string> problems)
    {
        // The question may itself come as a retry, or with a deadline; the call it is about does not. Ends with this method.
        MeshAmbient.Served = null;
        using var request = problems.Count == 0 ? DescribedRequest.Make(described, problems) : null;
        if (request is null || problems.Count > 0)
        {
            await TellAsync(context, StatusCodes.Status400BadRequest, problems).ConfigureAwait(false);
            return;
        }

        var explanation = new Explainer(_sources.Value).Explain(request, described.Client);
        await (WantsJson(context.Request)
            ? WriteAsync(context, explanation, InspectionJson.Default.Explanation)
            : WriteTextAsync(context, ExplainText.Of(explanation))).ConfigureAwait(false);
    }

    private static Task? TurnAway(HttpContext context)
    {
        var headers = context.Response.Headers;
        headers.CacheControl = "no-store";
        headers.XContentTypeOptions = "nosniff";
        return InspectionAccess.Refusal(context) is not { } reason
            ? null
            : TellAsync(
                context, StatusCodes.Status403Forbidden,
                [
                    $"Only callers on this machine may look at the mesh of this process: {reason}.",
                    "To let others in, say who: app.MapMesh().RequireAuthorization(\"policy\").",
                ]);
    }

    private static Task TellAsync(HttpContext context, int status, IEnumerable<string> lines)
    {
        context.Response.StatusCode = status;
        return WriteTextAsync(context, string.Concat(lines.Select(line => line + "\n")));
    }

    private static Task WriteTextAsync(HttpContext context, string text)
    {
        context.Response.ContentType = Text;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    private static Task WriteAsync<T>(HttpContext context, T value, JsonTypeInfo<T> type) =>
        context.Response.WriteAsJsonAsync(value, type, contentType: null, context.RequestAborted);

    /// <summary>JSON is for those who ask for it by name; whoever takes anything is taken for a human.</summary>
    private static bool WantsJson(HttpRequest request) =>
        MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        && Quality(accepted, MediaTypeNames.Application.Json) is > 0 and var json
        && json >= Quality(accepted, MediaTypeNames.Text.Plain);

    private static double Quality(IList<MediaTypeHeaderValue> accepted, string type) =>
        accepted.Where(a => a.MediaType == type).Select(a => a.Quality ?? 1).DefaultIfEmpty(0).Max();

    private static int Number(
        IQueryCollection query, string name, int usual, int least, int most, List<string> problems)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return usual;
        }

        if (int.TryParse(values.ToString(), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number >= least && number <= most)
        {
            return number;
        }

        problems.Add($"The parameter '{name}' is a number from {least} to {most}.");
        return usual;
    }
}
