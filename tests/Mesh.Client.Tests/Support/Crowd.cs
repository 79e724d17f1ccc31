using System.Net;
using System.Net.Sockets;
using Mesh.Testing;

namespace Mesh.Client.Tests.Support;

/// <summary>Other programs of the machine that keep connections to the agent open.</summary>
internal sealed class Crowd(ConsulAgent agent) : IDisposable
{
    private readonly List<Socket> _sockets = [];

    /// <summary>Opens so many connections, those the agent closes again not counted.</summary>
    public async Task OpenAsync(int count)
    {
        while (count > 0)
        {
            var socket = await ConnectAsync();
            if (await IsOpenAsync(socket))
            {
                _sockets.Add(socket);
                count--;
            }
            else
            {
                socket.Dispose();
            }
        }
    }

    /// <summary>Opens as many connections as the agent takes.</summary>
    public async Task FillAsync()
    {
        while (true)
        {
            var socket = await ConnectAsync();
            if (!await IsOpenAsync(socket))
            {
                socket.Dispose();
                return;
            }

            _sockets.Add(socket);
        }
    }

    /// <summary>How many more the agent would take just now.</summary>
    public async Task<int> RoomAsync()
    {
        using var more = new Crowd(agent);
        await more.FillAsync();
        return more._sockets.Count;
    }

    public void Dispose() => _sockets.ForEach(s => s.Dispose());

    private async Task<Socket> ConnectAsync()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, agent.Address.Port);
        return socket;
    }

    /// <summary>The agent closes what it does not take at once, and says nothing by itself to those it takes.</summary>
    private static async Task<bool> IsOpenAsync(Socket socket)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromMilliseconds(150));
        try
        {
            await socket.ReceiveAsync(new byte[1], patience.Token);
            return false;
        }
        catch (OperationCanceledException)
        {
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
