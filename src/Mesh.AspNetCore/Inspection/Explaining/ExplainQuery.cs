using Microsoft.AspNetCore.Http;

namespace Mesh.AspNetCore.Inspection.Explaining;

/// <summary>Reads a described request from a query.</summary>
internal static class ExplainQuery
{
    private static readonly string[] Names =
        ["url", "method", "header", "client", "idempotent", "noRetry", "deadline", "grpc", "stream"];

    /// <summary>What the query says; what is wrong with it is added to <paramref name="problems"/>.</summary>
    public static ExplainRequest Read(IQueryCollection query, List<string> problems)
    {
        foreach (var name in query.Keys.Where(k => !Names.Contains(k, StringComparer.OrdinalIgnoreCase)))
        {
            problems.Add($"There is no parameter '{Shorten(name)}'; there are {string.Join(", ", Names)}. Within the " +
                         "URL that is explained, write & as %26.");
        }

        return new ExplainRequest
        {
            Url = query["url"].FirstOrDefault(),
            Method = query["method"].FirstOrDefault() ?? (Flag(query, "grpc", problems) ? "POST" : "GET"),
            Headers = Headers(query, problems),
            Client = query["client"].FirstOrDefault(),
            Idempotent = Flag(query, "idempotent", problems),
            NoRetry = Flag(query, "noRetry", problems),
            Deadline = query["deadline"].FirstOrDefault(),
            Grpc = Flag(query, "grpc", problems),
            Stream = Flag(query, "stream", problems),
        };
    }

    private static Dictionary<string, string> Headers(IQueryCollection query, List<string> problems)
    {
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var header in query["header"])
        {
            var colon = header?.IndexOf(':') ?? -1;
            if (colon < 1)
            {
                problems.Add("A header is written as header=name:value.");
                continue;
            }

            headers[header![..colon].Trim()] = header[(colon + 1)..].Trim();
        }

        return headers;
    }

    private static bool Flag(IQueryCollection query, string name, List<string> problems)
    {
        if (!query.TryGetValue(name, out var values))
        {
            return false;
        }

        switch (values.ToString())
        {
            case "" or "true" or "1" or "yes":
                return true;
            case "false" or "0" or "no":
                return false;
            default:
                problems.Add($"The parameter '{name}' is true or false.");
                return false;
        }
    }

    private static string Shorten(string name) => name.Length <= 40 ? name : name[..40] + "...";
}
