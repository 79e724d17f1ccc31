using System.Globalization;
using System.Net;
using Mesh.Client;
using Mesh.Policy;

namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>
/// Makes the request that was described, so that what is said of it comes from the code that calls go through. It is
/// never sent.
/// </summary>
internal static class DescribedRequest
{
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(1);

    /// <summary>
    /// The request; <see langword="null"/> when something is wrong, which is added to <paramref name="problems"/>.
    /// </summary>
    public static HttpRequestMessage? Make(ExplainRequest described, List<string> problems)
    {
        var uri = ReadUrl(described.Url, problems);
        var method = ReadMethod(described.Method, problems);
        var deadline = ReadDeadline(described.Deadline, problems);
        if (uri is null || method is null || problems.Count > 0)
        {
            return null;
        }

        var request = new HttpRequestMessage(method, uri);
        if (described.Stream)
        {
            request.Content = new StreamContent(Stream.Null);
        }

        if (described.Grpc)
        {
            request.Version = HttpVersion.Version20;
            request.Content ??= new ByteArrayContent([]);
            request.Content.Headers.TryAddWithoutValidation("Content-Type", "application/grpc");
        }

        foreach (var (name, value) in described.Headers)
        {
            AddHeader(request, name, value, problems);
        }

        SetOptions(request, described, deadline);
        return request;
    }

    private static void SetOptions(HttpRequestMessage request, ExplainRequest described, TimeSpan? deadline)
    {
        request.Options.Set(MeshRequestOptions.Idempotent, described.Idempotent);
        request.Options.Set(MeshRequestOptions.NoRetry, described.NoRetry);
        if (deadline is { } limit)
        {
            request.Options.Set(MeshRequestOptions.Deadline, limit);
        }
    }

    private static Uri? ReadUrl(string? url, List<string> problems)
    {
        if (Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Host.Length > 0)
        {
            return uri;
        }

        problems.Add(string.IsNullOrEmpty(url)
            ? "Say which request: url=http://orders/orders/7."
            : "The url must be absolute, like http://orders/orders/7.");
        return null;
    }

    private static HttpMethod? ReadMethod(string method, List<string> problems)
    {
        try
        {
            return HttpMethod.Parse(method);
        }
        catch (Exception error) when (error is FormatException or ArgumentException)
        {
            problems.Add("The method must be one that HTTP allows, like GET.");
            return null;
        }
    }

    // The value is not repeated: it may be of those that are nowhere shown.
    private static void AddHeader(HttpRequestMessage request, string name, string value, List<string> problems)
    {
        if (request.Headers.TryAddWithoutValidation(name, value))
        {
            return;
        }

        request.Content ??= new ByteArrayContent([]);
        if (!request.Content.Headers.TryAddWithoutValidation(name, value))
        {
            problems.Add("A header has a name that HTTP does not allow.");
        }
    }

    private static TimeSpan? ReadDeadline(string? text, List<string> problems)
    {
        if (text is null)
        {
            return null;
        }

        var digits = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var unit = digits > 0 ? text[digits..] : "";
        double? scale = unit switch { "ms" => 1, "s" => 1_000, "m" => 60_000, _ => null };
        if (scale is { } milliseconds
            && double.TryParse(text.AsSpan(0, digits), NumberStyles.None, CultureInfo.InvariantCulture, out var amount)
            && amount * milliseconds <= LongestDeadline.TotalMilliseconds)
        {
            return TimeSpan.FromMilliseconds(amount * milliseconds);
        }

        problems.Add("The deadline must look like 500ms or 2s.");
        return null;
    }
}
