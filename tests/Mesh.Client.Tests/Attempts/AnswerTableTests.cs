using Mesh.Client.Attempts;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Attempts;

public sealed class AnswerTableTests
{
    [Theory]
    [InlineData(200, "Success")]
    [InlineData(301, "Success")]
    [InlineData(404, "Success")]
    [InlineData(408, "Success")]
    [InlineData(429, "Overloaded")]
    [InlineData(500, "ServerError")]
    [InlineData(502, "GatewayError")]
    [InlineData(503, "GatewayError")]
    [InlineData(504, "GatewayError")]
    [InlineData(505, "ServerError")]
    public void Classify_ByStatus(int status, string outcome) =>
        Assert.Equal(outcome, Classify(status, isGrpc: false).Outcome.ToString());

    [Theory]
    [InlineData("0", "Success")]
    [InlineData("2", "ServerError")]
    [InlineData("4", "Success")]
    [InlineData("5", "Success")]
    [InlineData("8", "Overloaded")]
    [InlineData("13", "ServerError")]
    [InlineData("14", "GatewayError")]
    [InlineData("15", "ServerError")]
    public void Classify_TrailersOnly_ByGrpcStatus(string status, string outcome)
    {
        var verdict = Classify(200, isGrpc: true, (GrpcStatus.Header, status));

        Assert.Equal(outcome, verdict.Outcome.ToString());
        Assert.Equal(status, verdict.GrpcStatus.ToString());
        Assert.Equal(-1, Classify(200, isGrpc: false, (GrpcStatus.Header, status)).GrpcStatus);
    }

    [Theory]
    [InlineData("12", 12.0)]
    [InlineData("0", 0.0)]
    [InlineData("86400", 300.0)]
    [InlineData("999999999999999999999", null)]
    [InlineData("Thu, 01 Jan 1970 00:00:00 GMT", 0.0)]
    [InlineData("Thu, 31 Dec 2099 00:00:00 GMT", 300.0)]
    [InlineData("Wed, 01 Jan 2025 00:00:07 GMT", 7.0)]
    [InlineData("soon", null)]
    [InlineData("-5", null)]
    [InlineData("", null)]
    public void Classify_RetryAfter_IsReadAndCapped(string value, double? seconds)
    {
        // The clock that counts is the one of who wrote the date.
        var verdict = Classify(
            503, isGrpc: false, (RetryAfter.Header, value), (RetryAfter.Date, "Wed, 01 Jan 2025 00:00:00 GMT"));

        Assert.Equal(seconds is { } s ? TimeSpan.FromSeconds(s) : null, verdict.RetryAfter);
    }

    [Fact]
    public void Classify_RetryAfterADate_WithoutTheTimeOfTheAnswer_SaysNothing() =>
        Assert.Null(Classify(503, isGrpc: false, (RetryAfter.Header, "Thu, 31 Dec 2099 00:00:00 GMT")).RetryAfter);

    [Theory]
    [InlineData("20", true, 20)]
    [InlineData("-1", true, null)]
    [InlineData("x", true, null)]
    [InlineData(null, false, null)]
    public void Classify_Pushback_IsRead(string? value, bool given, int? milliseconds)
    {
        var verdict = value is null
            ? Classify(200, true, (GrpcStatus.Header, "14"))
            : Classify(200, true, (GrpcStatus.Header, "14"), (Pushback.Header, value));

        Assert.Equal(given, verdict.Pushback.IsGiven);
        Assert.Equal(
            milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : (TimeSpan?)null, verdict.Pushback.Delay);
    }

    [Theory]
    [InlineData("1H", 3600_000.0)]
    [InlineData("2M", 120_000.0)]
    [InlineData("3S", 3000.0)]
    [InlineData("250m", 250.0)]
    [InlineData("5000u", 5.0)]
    [InlineData("1000000n", 1.0)]
    [InlineData("99999999S", 99999999_000.0)]
    [InlineData("100000000S", null)]
    [InlineData("5", null)]
    [InlineData("S", null)]
    [InlineData("-5S", null)]
    [InlineData("5x", null)]
    public void GrpcTimeout_IsRead(string value, double? milliseconds) => Assert.Equal(
        milliseconds is { } ms ? TimeSpan.FromMilliseconds(ms) : null, GrpcTimeout.Parse(value));

    [Theory]
    [InlineData(0.0)]
    [InlineData(1.5)]
    [InlineData(2000.0)]
    [InlineData(3_600_000.0)]
    [InlineData(9_000_000_000.0)]
    public void GrpcTimeout_Written_ReadsBackNoLonger(double milliseconds)
    {
        var text = GrpcTimeout.Format(TimeSpan.FromMilliseconds(milliseconds));
        var back = GrpcTimeout.Parse(text)!.Value.TotalMilliseconds;

        Assert.InRange(text.Length, 2, 9);
        Assert.InRange(back, Math.Max(0.001, milliseconds * 0.999), Math.Max(0.001, milliseconds));
    }

    private static AttemptVerdict Classify(int status, bool isGrpc, params (string, string)[] headers)
    {
        using var response = ScriptedTransports.Response(status, headers);
        return AnswerTable.Classify(status, isGrpc, response.Headers);
    }
}
