namespace Mesh.Client.Pipeline;

/// <summary>Cancels what its owner may be done with at the same moment.</summary>
internal static class Cancelling
{
    /// <summary>Cancels, unless the source was disposed: then there is nothing left to cancel.</summary>
    public static async Task CancelIfAliveAsync(this CancellationTokenSource source)
    {
        try
        {
            await source.CancelAsync().ConfigureAwait(false);
        }
        catch (ObjectDisposedException)
        {
            // Its owner has gone on by itself.
        }
    }
}
