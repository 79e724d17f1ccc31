using Shop.Host.Relays;

namespace Mesh.Scenarios.Tests.Samples;

/// <summary>What the shop's relays read: TLS records wherever the bytes are cut, and nothing else unnoticed.</summary>
public sealed class RecordMeterTests
{
    private static readonly byte[] Records = [22, 3, 1, 0, 2, 9, 9, 23, 3, 3, 0, 4, 1, 2, 3, 4];

    private readonly RelayCounts _counts = new();
    private readonly RecordMeter _meter;

    public RecordMeterTests() => _meter = new RecordMeter(_counts, "canary"u8.ToArray());

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(100)]
    public void Records_WhereverTheyAreCut_AreCounted(int length)
    {
        foreach (var piece in Records.Chunk(length))
        {
            _meter.Read(piece);
        }

        Assert.Equal((2, 0, 0), (_counts.Records, _counts.Violations, _counts.Canaries));
        Assert.Equal(Records.Length, _counts.Bytes);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(100)]
    public void Plaintext_IsAViolation_AndTheCanaryIsFoundWhereverItIsCut(int length)
    {
        foreach (var piece in "GET / HTTP/1.1\r\nx: canary\r\nid: canary-7\r\n\r\n"u8.ToArray().Chunk(length))
        {
            _meter.Read(piece);
        }

        Assert.Equal((0, 1, 2), (_counts.Records, _counts.Violations, _counts.Canaries));
    }

    [Fact]
    public void PlaintextAfterRecords_IsAViolation()
    {
        _meter.Read(Records);
        _meter.Read("canary"u8);

        Assert.Equal((2, 1, 1), (_counts.Records, _counts.Violations, _counts.Canaries));
    }

    [Fact]
    public void RecordsWhoseContentIsReadable_ShowTheCanary()
    {
        _meter.Read([23, 3, 3, 0, 6, .. "canary"u8]);

        Assert.Equal((1, 0, 1), (_counts.Records, _counts.Violations, _counts.Canaries));
    }
}
