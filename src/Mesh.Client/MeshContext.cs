using Mesh.Client.Attempts;
using Mesh.Client.Pipeline;

namespace Mesh.Client;

/// <summary>What the code that asks is running for: the request it serves, or what the application said.</summary>
public static class MeshContext
{
    /// <summary>
    /// How much the calls made here matter: what <see cref="Use"/> said last, else what the request being served came with,
    /// else <see cref="MeshCriticality.Critical"/>.
    /// </summary>
    public static MeshCriticality Criticality =>
        MeshAmbient.CriticalityFor(MeshAmbient.Served) ?? MeshCriticality.Critical;

    /// <summary>
    /// How long the caller of the request being served still waits; <see langword="null"/> when there is no request or it set
    /// no deadline. Never negative.
    /// </summary>
    public static TimeSpan? TimeLeft
    {
        get
        {
            if (MeshAmbient.Served is not { } served || served.Due is not (var due and not AttemptDeadline.Never))
            {
                return null;
            }

            var left = served.Time.GetElapsedTime(served.Time.GetTimestamp(), due);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>
    /// Calls made through the mesh from here on, in this flow of control, matter so much, until what is returned is disposed.
    /// </summary>
    /// <param name="criticality">How much.</param>
    /// <returns>Ends it.</returns>
    public static IDisposable Use(MeshCriticality criticality) => new MeshAmbient.Override(criticality);
}
