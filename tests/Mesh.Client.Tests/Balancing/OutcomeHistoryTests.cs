using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public sealed class OutcomeHistoryTests
{
    [Fact]
    public void Share_OfNothing_IsZero() => Assert.Equal(0, OutcomeHistory.Share(0));

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    [InlineData(0, 5)]
    [InlineData(8, 32)]
    public void Share_OfAFew_IsFailuresOverAnswers(int failures, int answers)
    {
        var history = Remember(0, failures, answers - failures);

        Assert.Equal(answers, OutcomeHistory.Count(history));
        Assert.Equal(failures / (double)answers, OutcomeHistory.Share(history));
    }

    [Fact]
    public void Share_AfterMoreThanItsLength_KnowsOnlyTheNewest()
    {
        var history = Remember(0, failures: 100, successes: OutcomeHistory.Length - 2);

        Assert.Equal(OutcomeHistory.Length, OutcomeHistory.Count(history));
        Assert.Equal(2.0 / OutcomeHistory.Length, OutcomeHistory.Share(history));
    }

    [Fact]
    public void With_OneMoreSuccessInALongRow_IsTheSameWord()
    {
        var history = Remember(0, failures: 0, successes: OutcomeHistory.Length);

        Assert.Equal(history, OutcomeHistory.With(history, failed: false));
    }

    private static ulong Remember(ulong history, int failures, int successes)
    {
        for (var i = 0; i < failures; i++)
        {
            history = OutcomeHistory.With(history, failed: true);
        }

        for (var i = 0; i < successes; i++)
        {
            history = OutcomeHistory.With(history, failed: false);
        }

        return history;
    }
}
