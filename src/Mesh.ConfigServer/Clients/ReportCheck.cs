using Mesh.Policy;

namespace Mesh.ConfigServer.Clients;

/// <summary>What a report must be before anybody else is told of it: whoever writes one by hand must not spoil the sum.</summary>
internal static class ReportCheck
{
    /// <summary>JSON lets an entry of any list be <c>null</c>; no client of ours says that, and nobody who reads expects it.</summary>
    public static bool HasHoles(ClientReport report) =>
        IsHoled(report.Upstreams) || IsHoled(report.Understands?.Terms) ||
        IsHoled(report.Documents) || report.Documents.Any(d => IsHoled(d.Problems) || IsHoled(d.Ignored)) ||
        IsHoled(report.Switches) || report.Switches.Any(s => IsHoled(s.Off)) ||
        IsHoled(report.Inbound?.Plaintext) || IsHoled(report.Inbound?.WouldDeny);

    private static bool IsHoled<T>(IReadOnlyList<T>? list)
        where T : class => list?.Any(static entry => entry is null) == true;
}
