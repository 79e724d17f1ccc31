using Mesh.ConfigServer.Doors;

namespace Mesh.ConfigServer.Http;

/// <summary>Who would break if doors were stricter.</summary>
internal sealed class DoorHandlers(DoorOutlooks doors)
{
    public Task ListAsync(HttpContext context) =>
        Answers.JsonAsync(context, doors.List(), DeskJson.Default.DoorListWire);
}
