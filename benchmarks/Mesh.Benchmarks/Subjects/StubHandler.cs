namespace Mesh.Benchmarks.Subjects;

/// <summary>The stub as a client's primary handler.</summary>
internal sealed class StubHandler(StubAnswers answers) : HttpMessageHandler
{
    protected override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken) =>
        answers.SendAsync(cancellationToken);

    protected override HttpResponseMessage Send(HttpRequestMessage request, CancellationToken cancellationToken) =>
        answers.Create();
}
