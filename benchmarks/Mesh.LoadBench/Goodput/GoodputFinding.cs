namespace Mesh.LoadBench.Goodput;

/// <summary>What became of the calls of one window, each a second.</summary>
/// <param name="Offered">Calls begun.</param>
/// <param name="Good">Answered within the deadline.</param>
/// <param name="Shed">Told at once that there was no room.</param>
/// <param name="Late">Given up at the deadline.</param>
/// <param name="Failed">Ended otherwise.</param>
/// <param name="Median">Milliseconds of the good ones.</param>
/// <param name="Tail">The same, 99 %.</param>
internal sealed record GoodputFinding(
    double Offered, double Good, double Shed, double Late, double Failed, double Median, double Tail);
