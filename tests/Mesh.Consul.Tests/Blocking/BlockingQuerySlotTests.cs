namespace Mesh.Consul.Tests;

public sealed class BlockingQuerySlotTests
{
    [Fact]
    public async Task Watch_WithoutASlot_ReadsNowAndThenInsteadOfBlocking()
    {
        using var client = Watch.Client(1);
        await using var first = await Watch.Start(client: client).AnsweredAsync();
        Assert.Equal(10ul, (await first.Read.NextAsync()).Query.Index);
        await using var second = await Watch.Start(client: client).AnsweredAsync();

        for (var i = 0; i < 3; i++)
        {
            Assert.InRange(await second.PassPauseAsync(), TimeSpan.FromSeconds(4), TimeSpan.FromSeconds(6));
            var call = await second.Read.NextAsync();
            Assert.Equal(0ul, call.Query.Index);
            call.Answer(11, "b");
            Assert.Equal("b", (await second.Observer.NextAsync()).Response!.Value);
        }
    }

    [Fact]
    public async Task Slot_GivenBack_GoesToTheWaitingWatch()
    {
        using var client = Watch.Client(1);
        await using var first = await Watch.Start(client: client).AnsweredAsync();
        var blocking = await first.Read.NextAsync();
        Assert.NotNull(blocking.Query.Wait);
        await using var second = await Watch.Start(client: client).AnsweredAsync(index: 20);
        await second.Clock.NextPauseAsync(TimeSpan.FromSeconds(6));

        blocking.Answer(11, "b");

        Assert.Equal(20ul, (await second.Read.NextAsync()).Query.Index);
    }

    [Fact]
    public async Task Slot_WhileWatchesOutnumberSlots_IsHeldForSecondsOnly()
    {
        using var client = Watch.Client(1);
        await using var first = await Watch.Start(client: client).AnsweredAsync();
        var blocking = await first.Read.NextAsync();
        var second = await Watch.Start(client: client).AnsweredAsync(index: 20);
        await second.Clock.NextPauseAsync(TimeSpan.FromSeconds(6));

        blocking.Answer(11, "b");
        var turn = await second.Read.NextAsync();
        Assert.InRange(turn.Query.Wait!.Value, TimeSpan.FromSeconds(9), TimeSpan.FromSeconds(10));
        await first.Clock.NextPauseAsync(TimeSpan.FromSeconds(6));
        turn.Answer(21, "b");
        Assert.Equal(11ul, (await first.Read.NextAsync()).Query.Index);

        await second.DisposeAsync();
        await using var third = await Watch
            .Start(new BlockingQueryOptions { Priority = true }, client).AnsweredAsync();
        Assert.False(client.Slots.IsContended);
    }

    [Fact]
    public async Task PriorityWatch_NeverWaitsForASlot()
    {
        using var client = Watch.Client(1);
        await using var first = await Watch.Start(client: client).AnsweredAsync();
        Assert.Equal(10ul, (await first.Read.NextAsync()).Query.Index);

        await using var second = await Watch
            .Start(new BlockingQueryOptions { Priority = true }, client).AnsweredAsync(index: 20);

        Assert.Equal(20ul, (await second.Read.NextAsync()).Query.Index);
    }

    [Fact]
    public async Task Watch_CancelledWhileBlockingOrWaiting_GivesItsPlaceBack()
    {
        using var client = Watch.Client(1);
        var first = await Watch.Start(client: client).AnsweredAsync();
        await first.Read.NextAsync();
        var second = await Watch.Start(client: client).AnsweredAsync();
        await second.Clock.NextPauseAsync(TimeSpan.FromSeconds(6));

        await second.DisposeAsync();
        await first.DisposeAsync();

        await using var third = await Watch.Start(client: client).AnsweredAsync(index: 30);
        Assert.Equal(30ul, (await third.Read.NextAsync()).Query.Index);
    }

    [Fact]
    public async Task Watch_ThatFails_GivesItsSlotBack()
    {
        using var client = Watch.Client(1);
        await using var first = await Watch.Start(client: client).AnsweredAsync();
        (await first.Read.NextAsync()).Fail(new ConsulException("reset"));
        await first.Observer.NextAsync();

        await using var second = await Watch.Start(client: client).AnsweredAsync(index: 30);

        Assert.Equal(30ul, (await second.Read.NextAsync()).Query.Index);
    }

    [Fact]
    public void Slots_AreGrantedInOrderAndNeverTwice()
    {
        var slots = new BlockingSlots(2);
        for (var i = 0; i < 3; i++)
        {
            slots.AddWatch();
        }

        Assert.True(slots.IsContended);
        slots.RemoveWatch();
        Assert.False(slots.IsContended);
        var tickets = Enumerable.Range(0, 5).Select(_ => slots.Enter()).ToArray();
        Assert.Equal([true, true, false, false, false], tickets.Select(ticket => ticket.Granted.IsCompleted));

        tickets[2].Dispose();
        tickets[0].Dispose();
        tickets[0].Dispose();

        Assert.Equal([true, false], tickets[3..].Select(ticket => ticket.Granted.IsCompleted));
        tickets[1].Dispose();
        Assert.True(tickets[4].Granted.IsCompleted);
    }
}
