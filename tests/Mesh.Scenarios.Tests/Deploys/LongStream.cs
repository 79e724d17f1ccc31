using System.Net;
using Mesh.Scenarios.Service;
using Mesh.Scenarios.Tests.Support;

namespace Mesh.Scenarios.Tests.Deploys;

/// <summary>
/// A stream of five seconds: longer than the drain delay, so that one which begins before a stop ends while the
/// server has long closed its listener. Kept until its last line, whatever happens around it.
/// </summary>
internal sealed class LongStream
{
    private const int Lines = 50;
    private const int Every = 100;

    private LongStream(string firstLine, Task<DateTime> end) => (FirstLine, End) = (firstLine, end);

    /// <summary>Tells who serves it.</summary>
    public string FirstLine { get; }

    /// <summary>When it ended, complete; else its failure.</summary>
    public Task<DateTime> End { get; }

    /// <summary>Lines of JSON over HTTP/1.1.</summary>
    public static async Task<LongStream> OpenPlainAsync(MeshCaller caller, string service)
    {
        var response = await caller.Client.GetAsync(
            $"http://{service}/stream?lines={Lines}&every={Every}", HttpCompletionOption.ResponseHeadersRead);
        var reader = new StreamReader(await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync());
        return await BeginAsync(response, () => reader.ReadLineAsync());
    }

    /// <summary>gRPC over HTTP/2: a stream of the server, or one in which both sides speak to the end.</summary>
    public static async Task<LongStream> OpenGrpcAsync(MeshCaller caller, bool duplex)
    {
        using var request = duplex
            ? ChainLoad.Grpc(GrpcFrames.Talk, new Speaker())
            : ChainLoad.Grpc(GrpcFrames.Watch, new ByteArrayContent(GrpcFrames.Frame($"{Lines} {Every}")));
        var response = await caller.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
        return await BeginAsync(response, () => GrpcFrames.ReadAsync(body, CancellationToken.None));
    }

    private static async Task<LongStream> BeginAsync(HttpResponseMessage response, Func<Task<string?>> read)
    {
        var first = await read() ?? throw new IOException("The stream ended before it began.");
        return new LongStream(first, ReadToEndAsync(response, read));
    }

    private static async Task<DateTime> ReadToEndAsync(HttpResponseMessage response, Func<Task<string?>> read)
    {
        using (response)
        {
            var lines = 1;
            while (await read() is not null)
            {
                lines++;
            }

            return lines == Lines
                ? DateTime.UtcNow
                : throw new IOException($"The stream ended after {lines} of {Lines} lines.");
        }
    }

    /// <summary>Says something every so often, and ends.</summary>
    private sealed class Speaker : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var line = 1; line <= Lines; line++)
            {
                await stream.WriteAsync(GrpcFrames.Frame($"{line}"));
                await stream.FlushAsync();
                await Task.Delay(Every);
            }
        }

        protected override bool TryComputeLength(out long length)
        {
            length = 0;
            return false;
        }
    }
}
