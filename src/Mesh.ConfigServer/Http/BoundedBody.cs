using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.ConfigServer.Http;

/// <summary>Reads request bodies whose size is limited before anything is decoded.</summary>
internal static class BoundedBody
{
    /// <summary>
    /// The decoded body; <see langword="null"/> when the request was answered with what is wrong with it.
    /// </summary>
    public static async Task<T?> ReadAsync<T>(HttpContext context, int limit, JsonTypeInfo<T> type)
        where T : class
    {
        var body = await ReadBytesAsync(context, limit);
        if (body is null)
        {
            return null;
        }

        try
        {
            var value = JsonSerializer.Deserialize(body.Value.Span, type);
            if (value is not null)
            {
                return value;
            }

            await Answers.ProblemAsync(context, StatusCodes.Status400BadRequest, "The body is null.");
        }
        catch (JsonException error)
        {
            await Answers.ProblemAsync(context, StatusCodes.Status400BadRequest, error.Message);
        }

        return null;
    }

    /// <summary>
    /// The body as it came; <see langword="null"/> when the request was answered with what is wrong with it.
    /// </summary>
    public static async Task<ReadOnlyMemory<byte>?> ReadBytesAsync(HttpContext context, int limit)
    {
        var body = await TryReadAsync(context, limit);
        if (body is null)
        {
            await Answers.ProblemAsync(
                context, StatusCodes.Status413PayloadTooLarge, $"The body is larger than {limit} bytes.");
        }

        return body;
    }

    private static async Task<ReadOnlyMemory<byte>?> TryReadAsync(HttpContext context, int limit)
    {
        if (context.Request.ContentLength > limit)
        {
            return null;
        }

        // One byte more than allowed tells a body that is too large from one that just fits.
        using var buffer = new MemoryStream();
        var chunk = new byte[Math.Min(limit + 1, 16 * 1024)];
        while (true)
        {
            var read = await context.Request.Body.ReadAsync(chunk, context.RequestAborted);
            if (read == 0)
            {
                return buffer.GetBuffer().AsMemory(0, (int)buffer.Length);
            }

            buffer.Write(chunk, 0, read);
            if (buffer.Length > limit)
            {
                return null;
            }
        }
    }
}
