using Mesh.Client.Transport;

namespace Mesh.Benchmarks.Subjects;

/// <summary>The stub as the connections to an endpoint.</summary>
internal sealed class StubTransport(StubAnswers answers) : EndpointTransport
{
    public override Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) =>
        answers.SendAsync(cancellationToken);

    public override HttpResponseMessage Send(
        HttpRequestMessage request, ClientProfile profile, CancellationToken cancellationToken) => answers.Create();

    public override void Dispose()
    {
    }
}
