namespace Mesh.Scenarios.Tests.Adoption;

/// <summary>An instance of the calling service, on the mesh or not.</summary>
internal interface IAdoptionCaller
{
    /// <summary>Asks the service once.</summary>
    Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content);
}
