using System.Diagnostics;

namespace Mesh.Client.Hosting;

/// <summary>
/// A name that clients the mesh knows nothing of call. Their calls count when the name is a service: that is asked
/// rarely, and they wait for the answer. A clear no forgets them: a name that is registered one day was not called past
/// the mesh before.
/// </summary>
internal sealed class BypassedService(string name, TimeProvider time)
{
    /// <summary>A name may be registered later; until then it is somebody else's, such as a cache in a compose file.</summary>
    internal static readonly TimeSpan AskAgain = TimeSpan.FromMinutes(1);

    // Guards the fields below; nothing is called under it but the clock.
    private readonly Lock _gate = new();
    private bool _known;
    private bool _asking;
    private long _asked;
    private long _waiting;

    public string Name => name;

    /// <summary>One more call.</summary>
    /// <param name="ask">Somebody should find out now whether it is a service, and say so by <see cref="Answered"/>.</param>
    /// <returns>The calls to be counted now.</returns>
    public long Called(out bool ask)
    {
        lock (_gate)
        {
            ask = !_known && !_asking && (_asked == 0 || time.GetElapsedTime(_asked) >= AskAgain);
            _asking |= ask;
            _waiting++;
            return TakeLocked();
        }
    }

    /// <param name="known">
    /// It is a service of the mesh; it is none; or, <see langword="null"/>, nobody could say, and its calls go on waiting.
    /// </param>
    /// <returns>The calls to be counted now.</returns>
    public long Answered(bool? known)
    {
        lock (_gate)
        {
            _known |= known is true;
            if (known is false && !_known)
            {
                _waiting = 0;
            }

            _asking = false;
            _asked = time.GetTimestamp();
            return TakeLocked();
        }
    }

    private long TakeLocked()
    {
        Debug.Assert(_gate.IsHeldByCurrentThread);
        if (!_known)
        {
            return 0;
        }

        var calls = _waiting;
        _waiting = 0;
        return calls;
    }
}
