using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Adoption;

/// <summary>A caller with <c>AddMesh()</c>.</summary>
internal sealed class MeshedCaller(MeshCaller caller) : IAdoptionCaller
{
    public async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content)
    {
        using var request = new HttpRequestMessage(method, $"http://{AdoptionFleet.Service}{path}") { Content = content };
        return await caller.Client.SendAsync(request);
    }
}
