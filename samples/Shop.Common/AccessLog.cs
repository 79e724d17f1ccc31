using System.Globalization;
using System.Text;
using Mesh.AspNetCore;
using Microsoft.AspNetCore.Http;

namespace Shop.Common;

/// <summary>
/// What a service itself says it did: a line per request, with who the caller says it is and who its connection proved it
/// to be, written through to the operating system before the answer goes out, so that even a killed process has told the
/// truth.
/// </summary>
public sealed class AccessLog : IDisposable
{
    /// <summary>Names the calling service.</summary>
    public const string CallerHeader = "x-shop-caller";

    private readonly Lock _lock = new();
    private readonly FileStream _file;
    private long _requests;

    public AccessLog(string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        _file = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.Read, bufferSize: 0);
    }

    /// <summary>Requests answered by this process.</summary>
    public long Requests => Interlocked.Read(ref _requests);

    public async Task InvokeAsync(HttpContext context, RequestDelegate next)
    {
        if (context.Request.Path.StartsWithSegments("/shop") || context.Request.Path == "/metrics")
        {
            await next(context);
            return;
        }

        Write(context, "begin");
        await next(context);
        Interlocked.Increment(ref _requests);
        Write(context, context.Response.StatusCode.ToString(CultureInfo.InvariantCulture));
    }

    private void Write(HttpContext context, string outcome)
    {
        var caller = context.Request.Headers[CallerHeader].ToString();
        var peer = context.Features.Get<IMeshPeerFeature>()?.Id.ToString();
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()} {(caller.Length == 0 ? "-" : caller)} {peer ?? "-"} " +
            $"{context.Request.Method} {context.Request.Path} {outcome}\n");
        lock (_lock)
        {
            _file.Write(Encoding.UTF8.GetBytes(line));
        }
    }

    public void Dispose() => _file.Dispose();
}
