using System.Net;
using System.Net.Sockets;

namespace Mesh.Testing;

/// <summary>Chooses loopback ports nobody listens on.</summary>
internal static class FreePorts
{
    // Below every common ephemeral range (Linux starts at 32768, IANA at 49152): an outgoing connection of some other
    // process can then never take a port between choosing and binding it, nor while an agent restarts.
    private const int First = 10_000;
    private const int Last = 32_000;

    // Guards Taken, the ports handed out in this process: two agents that start at once must not choose the same one
    // before either has bound it. Probing binds sockets under it, which is quick and never waits.
    private static readonly Lock Gate = new();
    private static readonly HashSet<int> Taken = [];

    /// <summary>Takes ports for one agent; give them back with <see cref="Release(ConsulAgentPorts)"/>.</summary>
    public static ConsulAgentPorts Take(Random random)
    {
        lock (Gate)
        {
            return new ConsulAgentPorts
            {
                Http = TakeLocked(random),
                Dns = TakeLocked(random),
                Server = TakeLocked(random),
                SerfLan = TakeLocked(random),
                SerfWan = TakeLocked(random),
                Grpc = TakeLocked(random),
                GrpcTls = TakeLocked(random),
            };
        }
    }

    /// <summary>Takes one port; give it back with <see cref="Release(int[])"/>.</summary>
    public static int TakeOne(Random random)
    {
        lock (Gate)
        {
            return TakeLocked(random);
        }
    }

    /// <summary>Gives an agent's ports back.</summary>
    public static void Release(ConsulAgentPorts ports) =>
        Release(ports.Http, ports.Dns, ports.Server, ports.SerfLan, ports.SerfWan, ports.Grpc, ports.GrpcTls);

    /// <summary>Gives ports back; harmless for others.</summary>
    public static void Release(params int[] ports)
    {
        lock (Gate)
        {
            Taken.ExceptWith(ports);
        }
    }

    private static int TakeLocked(Random random)
    {
        for (var attempt = 0; attempt < 1_000; attempt++)
        {
            var port = random.Next(First, Last);
            if (!Taken.Contains(port) && CanBind(port))
            {
                Taken.Add(port);
                return port;
            }
        }

        throw new IOException($"No free loopback port was found between {First} and {Last}.");
    }

    private static bool CanBind(int port)
    {
        try
        {
            using var tcp = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            using var udp = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            tcp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            udp.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
