using Microsoft.AspNetCore.SignalR;

namespace Mesh.AspNetCore.Tests.Beside;

public sealed class EchoHub : Hub
{
    public string Echo(string text) => text + ", said the hub";
}
