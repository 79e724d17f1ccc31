namespace Mesh.Consul;

/// <summary>Hears what a <see cref="BlockingQuery{T}"/> learns. Never called concurrently.</summary>
/// <typeparam name="T">What is watched.</typeparam>
public interface IBlockingQueryObserver<T>
{
    /// <summary>
    /// An answer came: its data may have changed, or the wait ended without a change. Throwing counts as a failed read.
    /// </summary>
    /// <param name="response">The answer.</param>
    /// <param name="transition">What is unusual about it.</param>
    ValueTask OnResultAsync(ConsulResponse<T> response, BlockingQueryTransition transition);

    /// <summary>A read failed; the query pauses and tries again by itself.</summary>
    /// <param name="error">Why.</param>
    /// <param name="failures">Failures in a row, this one included.</param>
    void OnFailure(Exception error, int failures);
}
