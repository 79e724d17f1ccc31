using System.Net;
using Microsoft.Extensions.Options;

namespace Mesh.ConfigServer.Http;

/// <summary>
/// Keeps web pages from elsewhere from writing through the browser of somebody who may. A browser says where a page
/// comes from; and without a token the desk is for this machine only, whatever name a page has given its address.
/// </summary>
internal sealed class WriteGate(IOptions<DeskOptions> options)
{
    /// <summary>False when the request was answered with why it is refused.</summary>
    public async Task<bool> PassesAsync(HttpContext context)
    {
        var request = context.Request;
        var origin = request.Headers.Origin.ToString();

        // Not the scheme: TLS may end at a proxy in front.
        var isForeign = origin.Length > 0 &&
            !(Uri.TryCreate(origin, UriKind.Absolute, out var page) &&
              string.Equals(page.Authority, request.Host.Value, StringComparison.OrdinalIgnoreCase));
        var isNamed = options.Value.Token is null && !IsThisMachine(request.Host.Host);
        if (!isForeign && !isNamed)
        {
            return await HasUsableTokenAsync(context);
        }

        await Answers.ProblemAsync(
            context,
            StatusCodes.Status403Forbidden,
            isForeign
                ? $"A page of {origin} may not write through this desk."
                : $"A desk without a token is not written to by the name '{request.Host.Host}'; use localhost.");
        return false;
    }

    private static async Task<bool> HasUsableTokenAsync(HttpContext context)
    {
        if (DocumentHandlers.TokenOf(context)?.All(c => c is > ' ' and < (char)127) != false)
        {
            return true;
        }

        await Answers.ProblemAsync(
            context,
            StatusCodes.Status400BadRequest,
            $"{DocumentHandlers.TokenHeader} holds no Consul token: it is one word without blanks.");
        return false;
    }

    private static bool IsThisMachine(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase) ||
        (IPAddress.TryParse(host.Trim('[', ']'), out var address) && IPAddress.IsLoopback(address));
}
