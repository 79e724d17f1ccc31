using System.Buffers;
using System.IO.Pipelines;

namespace Mesh.AspNetCore.Door;

/// <summary>The same body for those who read it as a pipe.</summary>
internal sealed class PacedReader(PacedBody body, PipeReader source) : PipeReader
{
    private ReadOnlySequence<byte> _buffer;
    private long _kept;

    public override ValueTask<ReadResult> ReadAsync(CancellationToken cancellationToken = default)
    {
        var reading = source.ReadAsync(cancellationToken);
        return reading.IsCompletedSuccessfully
            ? new ValueTask<ReadResult>(Take(reading.Result))
            : WaitAsync(reading);
    }

    public override bool TryRead(out ReadResult result)
    {
        if (!source.TryRead(out result))
        {
            return false;
        }

        result = Take(result);
        return true;
    }

    public override void AdvanceTo(SequencePosition consumed) => AdvanceTo(consumed, consumed);

    public override void AdvanceTo(SequencePosition consumed, SequencePosition examined)
    {
        _kept = _buffer.Slice(consumed).Length;
        _buffer = default;
        source.AdvanceTo(consumed, examined);
    }

    public override void CancelPendingRead() => source.CancelPendingRead();

    public override void Complete(Exception? exception = null) => source.Complete(exception);

    private ReadResult Take(ReadResult result)
    {
        _buffer = result.Buffer;
        body.Received(Math.Max(0, result.Buffer.Length - _kept));
        if (result.IsCanceled)
        {
            body.ThrowIfTooSlow();
        }

        return result;
    }

    private async ValueTask<ReadResult> WaitAsync(ValueTask<ReadResult> reading)
    {
        body.Begin();
        try
        {
            return Take(await reading.ConfigureAwait(false));
        }
        finally
        {
            body.End();
        }
    }
}
