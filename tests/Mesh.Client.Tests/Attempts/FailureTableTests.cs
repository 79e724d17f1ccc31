using System.Net.Sockets;
using Mesh.Client.Attempts;
using Mesh.Client.Transport;
using Mesh.Policy;

namespace Mesh.Client.Tests.Attempts;

public sealed class FailureTableTests
{
    [Theory]
    [InlineData(HttpRequestError.NameResolutionError, "ConnectFailed", "Unsent", RetryConditions.Connect)]
    [InlineData(HttpRequestError.ConnectionError, "ConnectFailed", "Unsent", RetryConditions.Connect)]
    [InlineData(HttpRequestError.SecureConnectionError, "ConnectFailed", "Unsent", RetryConditions.Connect)]
    [InlineData(HttpRequestError.VersionNegotiationError, "Reset", "None", RetryConditions.None)]
    [InlineData(HttpRequestError.ResponseEnded, "Reset", "None", RetryConditions.Reset)]
    [InlineData(HttpRequestError.HttpProtocolError, "Reset", "None", RetryConditions.Reset)]
    [InlineData(HttpRequestError.Unknown, "Reset", "None", RetryConditions.Reset)]
    [InlineData(HttpRequestError.InvalidResponse, "ServerError", "None", RetryConditions.None)]
    [InlineData(HttpRequestError.ConfigurationLimitExceeded, "ServerError", "None", RetryConditions.None)]
    public void Classify_ByTheErrorOfThePlatform(
        HttpRequestError error, string outcome, string proof, RetryConditions condition)
    {
        var verdict = FailureTable.Classify(new HttpRequestException(error, "x", new IOException("y")), false, false);

        Assert.Equal(outcome, verdict.Outcome.ToString());
        Assert.Equal(proof, verdict.Proof.ToString());
        Assert.Equal(condition, verdict.Condition);
    }

    [Theory]
    [InlineData(7, "Refused", "NotProcessed", RetryConditions.Refused)]
    [InlineData(13, "Reset", "None", RetryConditions.None)]
    [InlineData(8, "Reset", "None", RetryConditions.Reset)]
    [InlineData(0, "Reset", "None", RetryConditions.Reset)]
    public void Classify_ByTheCodeOfHttp2(long code, string outcome, string proof, RetryConditions condition)
    {
        var verdict = FailureTable.Classify(
            new HttpRequestException(
                HttpRequestError.HttpProtocolError, "x", new HttpProtocolException(code, "y", null)), false, false);

        Assert.Equal(outcome, verdict.Outcome.ToString());
        Assert.Equal(proof, verdict.Proof.ToString());
        Assert.Equal(condition, verdict.Condition);
    }

    [Fact]
    public void Classify_ConnectCallbackFailed_IsUnsentHoweverDeep()
    {
        var deep = new HttpRequestException(
            "x", new IOException("y", new EndpointConnectException("z", ConnectFailure.Refused, null)));

        var verdict = FailureTable.Classify(deep, false, false);

        Assert.Equal(AttemptOutcome.ConnectFailed, verdict.Outcome);
        Assert.Equal(Proof.Unsent, verdict.Proof);
        Assert.Equal(MeshReasons.ConnectRefused, verdict.Suspicion);
    }

    [Theory]
    [InlineData(true, "Cancelled")]
    [InlineData(false, "Reset")]
    public void Classify_ContentOfTheApplicationFailed_SaysNothingAboutTheEndpoint(bool ownBody, string outcome)
    {
        var failed = new HttpRequestException("x", new InvalidOperationException("y"));

        Assert.Equal(outcome, FailureTable.Classify(failed, false, false, ownBody).Outcome.ToString());
    }

    [Fact]
    public void Classify_ConnectionDisposedUnderABodyOfTheApplication_IsAReset() => Assert.Equal(
        AttemptOutcome.Reset,
        FailureTable.Classify(
            new HttpRequestException("x", new ObjectDisposedException("y")), false, false, ownBody: true).Outcome);

    [Fact]
    public void Classify_PlatformsOwnRefusedConnect_IsKnownAsRefused() => Assert.Equal(
        MeshReasons.ConnectRefused,
        FailureTable.Classify(
            new HttpRequestException(
                HttpRequestError.ConnectionError, "x", new SocketException((int)SocketError.ConnectionRefused)),
            false,
            false).Suspicion);

    [Fact]
    public void Classify_PeerIsSomebodyElse_IsUnsentAndMakesTheEndpointSuspect()
    {
        var verdict = FailureTable.Classify(new EndpointConnectException("x", ConnectFailure.Peer, null), false, false);

        Assert.Equal(
            (AttemptOutcome.ConnectFailed, Proof.Unsent, MeshFailureReason.UnprovenPeer, MeshReasons.UnprovenPeer),
            (verdict.Outcome, verdict.Proof, verdict.Reason, verdict.Suspicion));
    }

    [Fact]
    public void Classify_NoIdentityToConnectWith_SaysNothingAboutTheEndpoint()
    {
        var verdict = FailureTable.Classify(
            new EndpointConnectException("x", ConnectFailure.NoIdentity, null), false, false);

        Assert.Equal(
            (AttemptOutcome.Refused, Proof.Unsent, MeshFailureReason.NoIdentity, null),
            (verdict.Outcome, verdict.Proof, verdict.Reason, verdict.Suspicion));
    }

    [Fact]
    public void Classify_CallerGaveUp_BeatsEverything() => Assert.Equal(
        AttemptOutcome.Cancelled,
        FailureTable.Classify(new HttpRequestException(HttpRequestError.ConnectionError, "x"), true, true).Outcome);

    [Fact]
    public void Classify_OurDeadline_IsATimeoutThatProvesNothing()
    {
        var verdict = FailureTable.Classify(new TaskCanceledException(), false, deadlinePassed: true);

        Assert.Equal(AttemptOutcome.TimedOut, verdict.Outcome);
        Assert.Equal(Proof.None, verdict.Proof);
    }

    [Fact]
    public void Classify_DisposedStreamOfTheBody_IsNotARetiredTransport()
    {
        // A disposed request stream reaches us wrapped; only the transport itself says it bare.
        var verdict = FailureTable.Classify(
            new HttpRequestException("Error while copying content", new ObjectDisposedException("stream")), false,
            false);

        Assert.False(verdict.TransportGone);
        Assert.Equal(Proof.None, verdict.Proof);
    }

    [Fact]
    public void Classify_ApplicationsException_SaysNothingOfTheEndpoint() => Assert.Equal(
        AttemptOutcome.Cancelled, FailureTable.Classify(new InvalidOperationException(), false, false).Outcome);
}
