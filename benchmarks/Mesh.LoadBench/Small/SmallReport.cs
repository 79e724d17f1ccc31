using System.Globalization;
using System.Text;

namespace Mesh.LoadBench.Small;

/// <summary>The findings as a table, medians of all rounds with least and most.</summary>
internal static class SmallReport
{
    public static string Write(
        IReadOnlyList<SmallFinding> plain, IReadOnlyList<SmallFinding> mesh, string means, TimeSpan idle)
    {
        var text = new StringBuilder()
            .AppendLine(CultureInfo.InvariantCulture, $"{plain.Count} rounds. Limits: {means}.")
            .AppendLine()
            .AppendLine("| | without | with the mesh | added | target |")
            .AppendLine("|---|---|---|---|---|");
        Row(text, "memory of its own after the calls, MiB", plain, mesh, static f => f.Memory, "<= 15");
        Row(text, "resident memory, pages of files included, MiB", plain, mesh, static f => f.Resident, "");
        Row(text, "managed heap, MiB", plain, mesh, static f => f.Managed, "");
        Row(
            text, string.Create(CultureInfo.InvariantCulture, $"processor while idle for {idle.TotalSeconds:0} s, %"), plain, mesh,
            static f => f.Idle * 100, "<= 0.5");
        Row(text, "start to ready, s", plain, mesh, static f => f.Ready, "");
        Row(text, "processor time until ready, s", plain, mesh, static f => f.StartProcessor, "");
        text.AppendLine().AppendLine("What the service with the mesh logged as warnings or worse (first round):").AppendLine();
        foreach (var line in mesh[0].Lines)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"    {line}");
        }

        return text.ToString();
    }

    private static void Row(
        StringBuilder text,
        string what,
        IReadOnlyList<SmallFinding> plain,
        IReadOnlyList<SmallFinding> mesh,
        Func<SmallFinding, double> of,
        string target)
    {
        var (without, with) = (plain.Select(of).Order().ToArray(), mesh.Select(of).Order().ToArray());
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"| {what} | {Cell(without)} | {Cell(with)} | {Median(with) - Median(without):+0.00;-0.00} | {target} |");
    }

    private static string Cell(double[] sorted) => string.Create(
        CultureInfo.InvariantCulture, $"{Median(sorted):0.00} ({sorted[0]:0.00}-{sorted[^1]:0.00})");

    private static double Median(double[] sorted) => sorted[sorted.Length / 2];
}
