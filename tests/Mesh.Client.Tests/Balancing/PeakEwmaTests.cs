using Mesh.Client.Balancing;

namespace Mesh.Client.Tests.Balancing;

public sealed class PeakEwmaTests
{
    private const uint TenSeconds = 1000;

    [Fact]
    public void With_ASampleAboveTheEstimate_ReplacesItAtOnce()
    {
        var estimate = default(PeakEwma).With(0.010f, 1).With(2, 1);

        Assert.Equal(2, estimate.Read(1));
    }

    [Fact]
    public void With_ALowerSample_BlendsInByAge()
    {
        var estimate = default(PeakEwma).With(1, 0).With(0.1f, TenSeconds);

        // 0.1 + 0.9 / e
        Assert.Equal(0.1 + (0.9 / Math.E), estimate.Read(TenSeconds), 5);
    }

    [Fact]
    public void With_ALowerSampleAtTheSameMoment_ChangesNothing()
    {
        var estimate = default(PeakEwma).With(1, 7);

        Assert.Equal(estimate, estimate.With(0.1f, 7));
    }

    [Fact]
    public void Read_LaterAndLater_DecaysWithoutChangingTheState()
    {
        var estimate = default(PeakEwma).With(1, 0);

        Assert.Equal(1 / Math.E, estimate.Read(TenSeconds), 5);
        Assert.Equal(1 / Math.E, estimate.Read(TenSeconds), 5);
        Assert.Equal(1, estimate.Read(0));
    }

    [Fact]
    public void Read_WhenTheClockWentBack_DoesNotGrow()
    {
        var estimate = default(PeakEwma).With(1, 5000);

        Assert.Equal(1, estimate.Read(10));
    }

    [Fact]
    public void Read_AcrossTheWrapOfTheCoarseClock_SeesTheTrueAge()
    {
        var estimate = default(PeakEwma).With(1, uint.MaxValue - 499);

        Assert.Equal(1 / Math.E, estimate.Read(500), 5);
    }

    [Fact]
    public void AtLeast_ALowerBound_NeverLowersTheEstimate()
    {
        var estimate = default(PeakEwma).With(1, 0);

        Assert.Equal(estimate, estimate.AtLeast(0.2f, 100));
        Assert.Equal(3, estimate.AtLeast(3, 100).Read(100));
    }

    [Fact]
    public void With_ASampleOfZero_IsStillASample()
    {
        var estimate = default(PeakEwma).With(0, 0);

        Assert.True(default(PeakEwma).IsCold);
        Assert.False(estimate.IsCold);
    }

    [Theory]
    [InlineData(0.25f, 0u)]
    [InlineData(300f, uint.MaxValue)]
    public void Pack_AndUnpack_GiveTheSame(float value, uint stamp)
    {
        var estimate = new PeakEwma(value, stamp);

        Assert.Equal(estimate, PeakEwma.Unpack(estimate.Pack()));
    }
}
