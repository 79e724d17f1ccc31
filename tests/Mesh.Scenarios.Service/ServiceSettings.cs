namespace Mesh.Scenarios.Service;

/// <summary>
/// What a scenario makes of this program, by environment variables. Name, instance, version and zone are those of the mesh
/// (<c>Mesh__Service</c>, ...), the listener's protocols Kestrel's (<c>Kestrel__EndpointDefaults__Protocols</c>).
/// </summary>
/// <param name="Instance">Who answers: <c>Mesh__Instance</c>.</param>
/// <param name="Calls"><c>Scenario__Calls</c>, default true: with <c>AddMesh()</c>.</param>
/// <param name="Serves"><c>Scenario__Serves</c>, default true: with <c>AddServer()</c> too.</param>
/// <param name="Next">
/// <c>Scenario__Next</c>: URLs of the services to call next, separated by blanks. HTTP/1.1; with the fragment <c>#h2</c>,
/// HTTP/2 by prior knowledge.
/// </param>
/// <param name="Ledger"><c>Scenario__Ledger</c>: the file that keeps what was executed; empty keeps nothing.</param>
internal sealed record ServiceSettings(
    string Instance, bool Calls, bool Serves, IReadOnlyList<Uri> Next, string Ledger)
{
    public static ServiceSettings Read(IConfiguration configuration) => new(
        configuration["Mesh:Instance"] ?? "anonymous",
        configuration.GetValue("Scenario:Calls", true),
        configuration.GetValue("Scenario:Serves", true),
        [
            .. (configuration["Scenario:Next"] ?? "").Split(' ', StringSplitOptions.RemoveEmptyEntries)
                .Select(u => new Uri(u)),
        ],
        configuration["Scenario:Ledger"] ?? "");
}
