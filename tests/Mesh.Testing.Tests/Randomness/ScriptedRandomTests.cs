namespace Mesh.Testing.Tests.Randomness;

public sealed class ScriptedRandomTests
{
    private static readonly double LargestBelowOne = Math.BitDecrement(1.0);

    [Fact]
    public void Draws_OfEveryKind_ScaleTheNextValue()
    {
        var random = new ScriptedRandom(0.5, 0.25, 0.5, 0.75, 0.5, 0.5);

        Assert.Equal(0.5, random.NextDouble());
        Assert.Equal(2, random.Next(10));
        Assert.Equal(0, random.Next(-10, 10));
        Assert.Equal(75, random.NextInt64(100));
        Assert.Equal(0.5f, random.NextSingle());
        var bytes = new byte[1];
        random.NextBytes(bytes);
        Assert.Equal(128, bytes[0]);
        Assert.Equal(0, random.Remaining);
    }

    [Fact]
    public void Draws_OfTheLargestValue_StayBelowTheBound()
    {
        var random = new ScriptedRandom(LargestBelowOne, LargestBelowOne, LargestBelowOne, LargestBelowOne);

        Assert.Equal(9, random.Next(10));
        Assert.Equal(int.MaxValue - 1, random.Next());
        Assert.InRange(random.NextInt64(), long.MaxValue - 2048, long.MaxValue - 1);
        Assert.True(random.NextSingle() < 1);
    }

    [Fact]
    public void Shuffle_OfTheBaseClass_FollowsTheScript()
    {
        int[] items = [1, 2, 3];
        new ScriptedRandom(0.99, 0.99).Shuffle(items);

        Assert.Equal([3, 1, 2], items);
    }

    [Fact]
    public void Script_Ended_ThrowsUnlessSomethingAnswersAfterwards()
    {
        Assert.Throws<InvalidOperationException>(() => new ScriptedRandom().Next(3));
        var random = new ScriptedRandom(0.1) { Afterwards = new ScriptedRandom(0.2) };

        Assert.Equal((0.1, 0.2), (random.NextDouble(), random.NextDouble()));
    }

    [Theory]
    [InlineData(1.0)]
    [InlineData(-0.1)]
    [InlineData(double.NaN)]
    public void Enqueue_OutsideTheRange_Throws(double value) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new ScriptedRandom(value));
}
