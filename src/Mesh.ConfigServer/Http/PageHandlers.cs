namespace Mesh.ConfigServer.Http;

/// <summary>The page for people: three files of this assembly, nothing from elsewhere.</summary>
internal static class PageHandlers
{
    private const string ContentSecurityPolicy =
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; " +
        "frame-ancestors 'none'";

    public static void Map(WebApplication app)
    {
        Map(app, "/", "index.html", "text/html; charset=utf-8");
        Map(app, "/page.js", "page.js", "text/javascript; charset=utf-8");
        Map(app, "/page.css", "page.css", "text/css; charset=utf-8");
    }

    private static void Map(WebApplication app, string path, string resource, string contentType)
    {
        using var stream = typeof(PageHandlers).Assembly.GetManifestResourceStream($"Page/{resource}")!;
        using var reader = new StreamReader(stream);
        var text = reader.ReadToEnd();
        app.MapGet(path, context =>
        {
            context.Response.Headers.ContentSecurityPolicy = ContentSecurityPolicy;
            context.Response.Headers.XContentTypeOptions = "nosniff";
            return Answers.TextAsync(context, contentType, text);
        });
    }
}
