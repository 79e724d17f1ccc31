namespace Mesh.LoadBench;

/// <summary>A target of the performance budget and what was measured.</summary>
internal sealed record Target(string Text, Spread Measured, double Limit, string Unit, bool AtLeast = false)
{
    public string Row()
    {
        var met = AtLeast ? Measured.Median >= Limit : Measured.Median <= Limit;
        return $"| {Text} | {(AtLeast ? ">=" : "<=")} {Limit:0.##} {Unit} | {Measured.Text("0.00")} {Unit} " +
               $"| {(met ? "pass" : "**miss**")} |";
    }
}
