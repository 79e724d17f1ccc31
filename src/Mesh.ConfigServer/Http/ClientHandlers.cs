using Mesh.ConfigServer.Access;
using Mesh.ConfigServer.Clients;
using Mesh.ConfigServer.Doors;
using Mesh.Policy;

namespace Mesh.ConfigServer.Http;

/// <summary>Who runs what.</summary>
internal sealed class ClientHandlers(ClientRegistry registry, DoorBoard doors, ILogger<ClientHandlers> logger)
{
    /// <summary>A report of a hundred documents with a few problems each has a quarter of it.</summary>
    public const int MaxReport = 64 * 1024;

    private const int MaxInstance = 256;

    public Task ListAsync(HttpContext context) =>
        Answers.JsonAsync(context, registry.List(), MeshWireJson.Default.ClientListWire);

    public async Task PutAsync(HttpContext context)
    {
        var instance = context.Request.RouteValues["instance"]?.ToString() ?? "";
        if (instance.Length > MaxInstance)
        {
            await Answers.ProblemAsync(
                context, StatusCodes.Status400BadRequest, $"An instance's name has up to {MaxInstance} characters.");
        }
        else if (!registry.MayReport(Asker.Of(context).Peer?.ToString() ?? "", instance))
        {
            context.Response.Headers.RetryAfter = "1";
            await Answers.ProblemAsync(
                context, StatusCodes.Status429TooManyRequests, "This instance reports too often.");
        }
        else if (await BoundedBody.ReadAsync(context, MaxReport, MeshWireJson.Default.ClientReport) is { } report)
        {
            await PutAsync(context, instance, report);
        }
    }

    private Task PutAsync(HttpContext context, string instance, ClientReport report)
    {
        if (!WireSchema.IsReadable(report.Schema))
        {
            return Answers.ProblemAsync(
                context, StatusCodes.Status400BadRequest, $"Schema {report.Schema} is not read by this desk.");
        }

        if (report.Instance != instance)
        {
            return Answers.ProblemAsync(
                context,
                StatusCodes.Status400BadRequest,
                $"The report is of '{report.Instance}', the address says '{instance}'.");
        }

        if (ReportCheck.HasHoles(report))
        {
            return Answers.ProblemAsync(
                context, StatusCodes.Status400BadRequest, "A list of the report has an entry that is null.");
        }

        var asker = Asker.Of(context);
        if (!asker.MaySpeakFor(report.Service))
        {
            DeskLog.ForeignReport(logger, asker.Peer!, report.Service);
            return Answers.ProblemAsync(
                context,
                StatusCodes.Status403Forbidden,
                $"{asker.Peer} reports for its own service only, not for '{report.Service}'.");
        }

        // What it takes on the way is what it may take here; of unknown length it counts as the most.
        var bytes = (int)(context.Request.ContentLength ?? MaxReport);
        if (!registry.HasRoomFor(report, bytes))
        {
            return Answers.ProblemAsync(context, StatusCodes.Status503ServiceUnavailable, "Too many clients report.");
        }

        registry.Put(report, bytes);
        doors.Put(report);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
        return Task.CompletedTask;
    }
}
