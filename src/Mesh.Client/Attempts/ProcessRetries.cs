namespace Mesh.Client.Attempts;

/// <summary>
/// The cap over all budgets of the process: so many retries may run at once. Budgets bound the rate of retries to one
/// upstream; this bounds the memory and connections that the retries to all of them hold while everything is slow.
/// </summary>
internal sealed class ProcessRetries(int limit)
{
    /// <summary>
    /// 64 for each processor: several times what can make progress at once, far below what exhausts sockets or memory.
    /// </summary>
    private const int PerProcessor = 64;

    private int _running;

    /// <summary>The process's own.</summary>
    public static ProcessRetries Shared { get; } = new(PerProcessor * Environment.ProcessorCount);

    /// <summary>Retries that may run at once.</summary>
    public int Limit => limit;

    /// <summary>Retries running now.</summary>
    public int Running => Volatile.Read(ref _running);

    /// <summary>Takes a place; false when all are taken.</summary>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _running) <= limit)
        {
            return true;
        }

        Interlocked.Decrement(ref _running);
        return false;
    }

    /// <summary>Gives a place back.</summary>
    public void Leave() => Interlocked.Decrement(ref _running);
}
