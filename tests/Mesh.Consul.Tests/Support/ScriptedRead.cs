using System.Threading.Channels;

namespace Mesh.Consul.Tests;

/// <summary>A read whose every call waits for the test to answer it.</summary>
internal sealed class ScriptedRead
{
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>();

    public Task<ConsulResponse<string>> ReadAsync(ConsulQuery query, CancellationToken cancellationToken)
    {
        var call = new Call(query, cancellationToken);
        Assert.True(_calls.Writer.TryWrite(call));
        return call.Task;
    }

    /// <summary>The next call the loop makes.</summary>
    public async Task<Call> NextAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        return await _calls.Reader.ReadAsync(patience.Token);
    }

    /// <summary>True when the loop has asked something nobody has looked at yet.</summary>
    public bool HasCall => _calls.Reader.Count > 0;

    internal sealed class Call
    {
        private readonly TaskCompletionSource<ConsulResponse<string>> _answer =
            new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Call(ConsulQuery query, CancellationToken cancellationToken)
        {
            Query = query;
            cancellationToken.Register(() => _answer.TrySetCanceled(cancellationToken));
        }

        public ConsulQuery Query { get; }

        public Task<ConsulResponse<string>> Task => _answer.Task;

        public void Answer(ulong index, string value) =>
            _answer.TrySetResult(new ConsulResponse<string>(value, index, true, TimeSpan.Zero, null, false)
            {
                Fingerprint = value.GetHashCode(StringComparison.Ordinal),
            });

        public void Fail(Exception error) => _answer.TrySetException(error);
    }
}
