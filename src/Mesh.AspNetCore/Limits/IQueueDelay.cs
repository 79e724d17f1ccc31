namespace Mesh.AspNetCore.Limits;

/// <summary>How long work waits for a thread.</summary>
internal interface IQueueDelay
{
    /// <summary>As last measured, or as long as the one on its way waits already.</summary>
    TimeSpan Current { get; }

    /// <summary>Measures once more.</summary>
    void Measure();
}
