namespace Mesh.ConfigServer.Doors;

/// <summary>What an outlook rests on.</summary>
/// <param name="Instances">Instances that report their door now.</param>
/// <param name="Silent">Instances that report and say nothing of a door.</param>
/// <param name="Covered">How much of the last day they, and those that ended, have counted in.</param>
/// <param name="Listening">For how long this desk has missed nothing that was reported to it.</param>
internal readonly record struct DoorFacts(int Instances, int Silent, TimeSpan Covered, TimeSpan Listening)
{
    /// <summary>Somebody who came in the last day would be known.</summary>
    public bool IsWholeDay(TimeSpan day) => Silent == 0 && Covered >= day && Listening >= day;
}
