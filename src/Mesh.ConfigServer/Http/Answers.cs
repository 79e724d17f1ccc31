using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.ConfigServer.Http;

/// <summary>How the desk answers.</summary>
internal static class Answers
{
    public static Task JsonAsync<T>(
        HttpContext context, T value, JsonTypeInfo<T> type, string contentType = "application/json")
    {
        context.Response.ContentType = $"{contentType}; charset=utf-8";
        return JsonSerializer.SerializeAsync(context.Response.Body, value, type, context.RequestAborted);
    }

    public static Task TextAsync(HttpContext context, string contentType, string text)
    {
        context.Response.ContentType = contentType;
        return context.Response.WriteAsync(text, context.RequestAborted);
    }

    /// <summary>RFC 9457.</summary>
    public static async Task ProblemAsync(HttpContext context, int status, string detail)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/problem+json";
        await using var writer = new Utf8JsonWriter(context.Response.BodyWriter);
        writer.WriteStartObject();
        writer.WriteNumber("status", status);
        writer.WriteString("detail", detail);
        writer.WriteEndObject();
    }

    public static Task NotReadyAsync(HttpContext context)
    {
        context.Response.Headers.RetryAfter = "1";
        return ProblemAsync(
            context,
            StatusCodes.Status503ServiceUnavailable,
            "The desk has heard nothing from Consul yet and remembers nothing from before.");
    }
}
