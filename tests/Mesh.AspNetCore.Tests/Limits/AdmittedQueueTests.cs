using Mesh.AspNetCore.Limits;

namespace Mesh.AspNetCore.Tests.Limits;

public sealed class AdmittedQueueTests
{
    private readonly Queue<IThreadPoolWorkItem> _pool = new();
    private readonly List<string> _ran = [];
    private readonly AdmittedQueue _queue;

    public AdmittedQueueTests() => _queue = new AdmittedQueue(_pool.Enqueue);

    [Fact]
    public void Admitted_StandInThePoolOnce_AndTakeTurnsWithWhatComes()
    {
        Wait("one");
        Wait("two");
        Wait("three");
        Assert.Single(_pool);
        _pool.Enqueue(new Arrival(this, "arrival"));

        RunPool();

        Assert.Equal(["one", "arrival", "two", "three"], _ran);
    }

    [Fact]
    public void Admitted_WhoKeepsItsThread_HoldsNobodyBack()
    {
        _queue.Turn().UnsafeOnCompleted(() =>
        {
            _ran.Add("begins");

            // Another thread of the pool, while this one is kept.
            RunPool();
            _ran.Add("ends");
        });
        Wait("two");

        RunPool();

        Assert.Equal(["begins", "two", "ends"], _ran);
    }

    [Fact]
    public void Admitted_AfterAllHadTheirTurn_IsQueuedAnew()
    {
        Wait("one");
        RunPool();
        Wait("two");
        RunPool();

        Assert.Equal(["one", "two"], _ran);
    }

    [Fact]
    public async Task Turn_OnThePool_ComesToEverybody_FromManyThreads()
    {
        var queue = new AdmittedQueue();
        var turns = 0;

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 2_000; i++)
            {
                await queue.Turn();
                Interlocked.Increment(ref turns);
            }
        }))).WaitAsync(TimeSpan.FromSeconds(30));

        Assert.Equal(16_000, turns);
    }

    private void Wait(string name) => _queue.Turn().UnsafeOnCompleted(() => _ran.Add(name));

    private void RunPool()
    {
        while (_pool.TryDequeue(out var item))
        {
            item.Execute();
        }
    }

    private sealed class Arrival(AdmittedQueueTests test, string name) : IThreadPoolWorkItem
    {
        public void Execute() => test._ran.Add(name);
    }
}
