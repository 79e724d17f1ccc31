using Mesh.Client.Outliers;

namespace Mesh.Client.Tests.Outliers;

public sealed class FailureRunTests
{
    [Theory]
    [InlineData("", 0)]
    [InlineData("F", 1)]
    [InlineData("FFF", 3)]
    [InlineData("FFFS", 0)]
    [InlineData("FFSF", 1)]
    public void Count_IsTheFailuresSinceTheLastSuccess(string answers, int expected) =>
        Assert.Equal(expected, FailureRun.Count(Play(answers)));

    [Theory]
    [InlineData("SL", 1)]
    [InlineData("SLSLSL", 3)]
    [InlineData("SSSLLL", 3)]
    [InlineData("SLSSL", 1)]
    [InlineData("FSLF", 3)]
    public void Count_ALateFailure_TurnsTheNewestSuccessIntoAFailure(string answers, int expected) =>
        Assert.Equal(expected, FailureRun.Count(Play(answers)));

    [Fact]
    public void Count_OfVeryMany_DoesNotOverflow() =>
        Assert.Equal(64, FailureRun.Count(Play(new string('F', 200))));

    [Fact]
    public void With_ASuccessWhileAllGoesWell_IsTheSameWord() => Assert.Equal(0UL, FailureRun.With(0, failed: false));

    // F: failed. S: headers came. L: an answer whose headers had come failed late.
    private static ulong Play(string answers) => answers.Aggregate(0UL, (run, answer) => answer switch
    {
        'L' => FailureRun.WithLateFailure(run),
        _ => FailureRun.With(run, answer == 'F'),
    });
}
