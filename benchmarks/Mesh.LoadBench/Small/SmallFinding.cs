namespace Mesh.LoadBench.Small;

/// <summary>What one service process cost.</summary>
/// <param name="Ready">From its start to the first good answer of its readiness, s.</param>
/// <param name="StartProcessor">Processor time until then, s.</param>
/// <param name="Memory">Resident memory that is its own (anonymous) after the calls, MiB.</param>
/// <param name="Resident">All resident memory then, files included, MiB.</param>
/// <param name="Managed">Managed heap then, MiB.</param>
/// <param name="Idle">Processor time while nothing is asked of it, share of one processor.</param>
/// <param name="Lines">What it logged as warnings or worse.</param>
internal sealed record SmallFinding(
    double Ready, double StartProcessor, double Memory, double Resident, double Managed, double Idle, string[] Lines);
