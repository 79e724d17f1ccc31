namespace Mesh.LoadBench.Mtls;

/// <summary>A gate on throughput with its stretch, and what was measured.</summary>
internal sealed record MtlsTarget(string Text, Spread Measured, double Limit, double Stretch)
{
    public string Row()
    {
        var verdict = Measured.Median >= Stretch ? "stretch met" : Measured.Median >= Limit ? "met" : "**missed**";
        return $"| {Text} | >= {Limit:0.0} x | {Stretch:0.0} x | {Measured.Text("0.00")} x | {verdict} |";
    }
}
