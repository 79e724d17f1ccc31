using System.Buffers.Binary;
using System.Text;

namespace Mesh.Scenarios.Service;

/// <summary>Messages of gRPC without a package: five bytes of prefix, then text. The tests compile it too.</summary>
internal static class GrpcFrames
{
    public const string ContentType = "application/grpc+text";

    public const string Work = "/scenario.Scenario/Work";
    public const string Watch = "/scenario.Scenario/Watch";
    public const string Talk = "/scenario.Scenario/Talk";

    private const int Prefix = 5;

    public static byte[] Frame(string message)
    {
        var text = Encoding.UTF8.GetBytes(message);
        var frame = new byte[Prefix + text.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(1), text.Length);
        text.CopyTo(frame, Prefix);
        return frame;
    }

    /// <summary>The next message, <see langword="null"/> at the end of the stream.</summary>
    public static async Task<string?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var prefix = new byte[Prefix];
        var read = await stream.ReadAtLeastAsync(prefix, Prefix, throwOnEndOfStream: false, cancellationToken);
        if (read == 0)
        {
            return null;
        }

        var text = new byte[BinaryPrimitives.ReadInt32BigEndian(prefix.AsSpan(1))];
        await stream.ReadExactlyAsync(text, cancellationToken);
        return Encoding.UTF8.GetString(text);
    }
}
