using System.Net.Sockets;

namespace Mesh.Consul;

/// <summary>
/// A connection to the agent that tells one special end from all others: closed by the agent right after it was opened,
/// before the first byte of an answer. That is how an agent treats connections above its limit for one address.
/// </summary>
internal sealed class AgentStream(Socket socket, TimeProvider time) : NetworkStream(socket, ownsSocket: true)
{
    /// <summary>The agent closes such connections as it accepts them; later ends have other reasons.</summary>
    private static readonly TimeSpan Young = TimeSpan.FromSeconds(2);

    private readonly long _opened = time.GetTimestamp();
    private bool _answered;

    private bool IsUnanswered => !_answered && time.GetElapsedTime(_opened) < Young;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        int read;
        try
        {
            read = await base.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (IsUnanswered)
        {
            throw new UnansweredException();
        }

        // A read into no space completes with nothing when there is something: it says that the answer has begun.
        if (read == 0 && !buffer.IsEmpty && IsUnanswered)
        {
            throw new UnansweredException();
        }

        _answered |= read > 0;
        return read;
    }

    public override async ValueTask WriteAsync(
        ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        try
        {
            await base.WriteAsync(buffer, cancellationToken).ConfigureAwait(false);
        }
        catch (IOException) when (IsUnanswered)
        {
            throw new UnansweredException();
        }
    }
}
