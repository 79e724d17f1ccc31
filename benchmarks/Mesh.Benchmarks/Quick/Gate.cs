namespace Mesh.Benchmarks.Quick;

/// <summary>A promise about cost and what was measured.</summary>
/// <param name="Text">What is promised.</param>
/// <param name="Measured">What was measured.</param>
/// <param name="Limit">What may be measured at most; at least, where <paramref name="AtLeast"/>.</param>
/// <param name="Unit">Of both.</param>
/// <param name="IsHard">Bytes: the run fails. Times are told only: the machine is not ours alone.</param>
/// <param name="AtLeast">More is better.</param>
internal sealed record Gate(
    string Text, double Measured, double Limit, string Unit, bool IsHard, bool AtLeast = false)
{
    public bool IsMet => AtLeast ? Measured >= Limit : Measured <= Limit;

    /// <summary>One line of a table.</summary>
    public string Row()
    {
        var format = IsHard ? "0" : "0.00";
        var verdict = IsMet ? "pass" : IsHard ? "**MISSED**" : "**miss**";
        return $"| {Text} | {(AtLeast ? ">=" : "<=")} {Limit.ToString(format)} {Unit} " +
               $"| {Measured.ToString(format)} {Unit} | {verdict}{Margin()} |";
    }

    private string Margin() => IsHard || Limit == 0
        ? ""
        : $" ({(AtLeast ? (Measured - Limit) / Limit : (Limit - Measured) / Limit):+0 %;-0 %} margin)";
}
