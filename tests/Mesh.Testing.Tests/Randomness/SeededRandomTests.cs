namespace Mesh.Testing.Tests.Randomness;

public sealed class SeededRandomTests
{
    [Fact]
    public void Sequence_OfAKnownSeed_NeverChanges()
    {
        var random = new SeededRandom(42);

        // Users' committed expectations depend on these numbers: they are part of the contract.
        Assert.Equal([74, 15, 27, 34, 3], Enumerable.Range(0, 5).Select(_ => random.Next(100)));
    }

    [Fact]
    public void Sequences_OfTwoSeeds_Differ() =>
        Assert.NotEqual(Draw(new SeededRandom(1)), Draw(new SeededRandom(2)));

    [Fact]
    public void Sequences_OfOneSeed_AreTheSame() => Assert.Equal(Draw(new SeededRandom(7)), Draw(new SeededRandom(7)));

    [Theory]
    [InlineData(int.MinValue, int.MaxValue)]
    [InlineData(-3, 4)]
    [InlineData(5, 6)]
    [InlineData(5, 5)]
    public void Next_AnyRange_StaysInside(int min, int max)
    {
        var random = new SeededRandom(1);
        for (var i = 0; i < 10_000; i++)
        {
            Assert.InRange(random.Next(min, max), min, Math.Max(min, max - 1));
        }
    }

    [Fact]
    public void NextInt64_WholeRange_ReachesBothHalves()
    {
        var random = new SeededRandom(1);
        var numbers = Enumerable.Range(0, 100).Select(_ => random.NextInt64(long.MinValue, long.MaxValue)).ToList();

        Assert.Contains(numbers, n => n < long.MinValue / 2);
        Assert.Contains(numbers, n => n > long.MaxValue / 2);
    }

    [Fact]
    public void Next_MinAboveMax_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SeededRandom(1).Next(2, 1));

    [Fact]
    public void Next_ManyDraws_AreUniform()
    {
        var random = new SeededRandom(1);
        var counts = new int[10];
        for (var i = 0; i < 100_000; i++)
        {
            counts[random.Next(10)]++;
        }

        // Five standard deviations of a binomial with n = 100,000 and p = 0.1 are 474.
        Assert.All(counts, count => Assert.InRange(count, 10_000 - 474, 10_000 + 474));
    }

    [Fact]
    public void Fractions_ManyDraws_AreInRangeAndAverageAHalf()
    {
        var random = new SeededRandom(1);
        var doubles = Enumerable.Range(0, 100_000).Select(_ => random.NextDouble()).ToList();
        var singles = Enumerable.Range(0, 100_000).Select(_ => random.NextSingle()).ToList();

        Assert.All(doubles, d => Assert.True(d is >= 0 and < 1));
        Assert.All(singles, s => Assert.True(s is >= 0 and < 1));
        Assert.InRange(doubles.Average(), 0.495, 0.505);
        Assert.InRange(singles.Average(), 0.495f, 0.505f);
    }

    [Fact]
    public void NextBytes_OddLength_FillsAll()
    {
        var bytes = new byte[1_001];
        new SeededRandom(1).NextBytes(bytes);

        // A byte of a given place is zero once in 256 fills; that the last 9 all stay zero does not happen.
        Assert.Contains(bytes[^9..], b => b != 0);
        Assert.InRange(bytes.Count(b => b == 0), 0, 20);
    }

    [Fact]
    public async Task Source_SharedByThreads_GivesTheSameNumbersInSomeOrder()
    {
        var shared = new SeededRandom(3);
        var drawn = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            () => Enumerable.Range(0, 1_000).Select(_ => shared.NextInt64()).ToArray())));

        var alone = new SeededRandom(3);
        Assert.Equal(
            Enumerable.Range(0, 8_000).Select(_ => alone.NextInt64()).Order(), drawn.SelectMany(d => d).Order());
    }

    private static int[] Draw(Random random) => [.. Enumerable.Range(0, 20).Select(_ => random.Next())];
}
