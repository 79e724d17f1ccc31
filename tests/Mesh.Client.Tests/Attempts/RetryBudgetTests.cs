using Mesh.Client.Attempts;
using Mesh.Policy;

namespace Mesh.Client.Tests.Attempts;

public sealed class RetryBudgetTests
{
    private static readonly RetryRule Rule = PolicyDefaults.Retry;
    private static readonly long Second = TimeProvider.System.TimestampFrequency;

    private readonly ProcessRetries _process = new(limit: 1_000_000);

    [Fact]
    public void TryWithdraw_QuietUpstream_AllowsTheFloor()
    {
        var budget = Budget();

        Assert.Equal(Rule.BudgetFloor, Withdraw(budget, 100, at: 1000 * Second));
    }

    [Fact]
    public void TryWithdraw_AfterCalls_AllowsTheirShareAndTheFloor()
    {
        var budget = Budget();
        for (var i = 0; i < 1000; i++)
        {
            budget.Deposit((1000 * Second) + (i % 5 * Second));
        }

        Assert.Equal(203, Withdraw(budget, 1000, at: 1005 * Second));
    }

    [Fact]
    public void TryWithdraw_WindowPassed_StartsAnew()
    {
        var budget = Budget();
        budget.Deposit(1000 * Second);
        Assert.Equal(3, Withdraw(budget, 10, at: 1000 * Second));
        Assert.Equal(0, Withdraw(budget, 10, at: 1009 * Second));

        Assert.Equal(3, Withdraw(budget, 10, at: 1010 * Second));
    }

    [Fact]
    public void TryWithdraw_MinutesLater_OldSlotsDoNotCount()
    {
        var budget = Budget();
        for (var i = 0; i < 100; i++)
        {
            budget.Deposit(1000 * Second);
        }

        Assert.Equal(3, Withdraw(budget, 10, at: (1000 + SecondCounter.Seconds) * Second));
    }

    [Fact]
    public void Refund_GivesTheRetryBack()
    {
        var budget = Budget();
        Assert.Equal(3, Withdraw(budget, 3, at: 0));
        Assert.False(budget.TryWithdraw(Rule, 0));

        budget.Refund(0);

        Assert.True(budget.TryWithdraw(Rule, 0));
        Assert.Equal(3, _process.Running);
    }

    [Fact]
    public void TryWithdraw_ProcessCapReached_IsRefusedUntilARetryEnds()
    {
        var process = new ProcessRetries(limit: 1);
        var first = new RetryBudget(TimeProvider.System, process);
        var second = new RetryBudget(TimeProvider.System, process);

        Assert.True(first.TryWithdraw(Rule, 0));
        Assert.False(second.TryWithdraw(Rule, 0));
        first.Ended();
        Assert.True(second.TryWithdraw(Rule, 0));
        Assert.Equal(2, second.Balance(0));
    }

    [Fact]
    public async Task TryWithdraw_FromManyThreads_NeverGivesMoreThanTheBudget()
    {
        var budget = Budget();
        var rule = Rule with { BudgetFloor = 100 };

        var given = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
            Enumerable.Range(0, 1000).Count(_ => budget.TryWithdraw(rule, 0)))));

        Assert.InRange(given.Sum(), 1, 100);
    }

    [Fact]
    public void Deposit_AllocatesNothing()
    {
        var budget = Budget();
        budget.Deposit(0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            budget.Deposit(i * Second / 100);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static int Withdraw(RetryBudget budget, int wanted, long at) =>
        Enumerable.Range(0, wanted).Count(_ => budget.TryWithdraw(Rule, at));

    private RetryBudget Budget() => new(TimeProvider.System, _process);
}
