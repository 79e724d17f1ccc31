using System.Collections.ObjectModel;

namespace Mesh.Consul;

/// <summary>What a missing or null part of an answer means.</summary>
internal static class WireDefaults
{
    /// <summary>Consul writes null for an empty map; all empty maps are one.</summary>
    public static IReadOnlyDictionary<string, string> Map(Dictionary<string, string>? map) =>
        map is null or { Count: 0 } ? ReadOnlyDictionary<string, string>.Empty : map;

    /// <summary>Consul writes null for an empty list.</summary>
    public static TModel[] List<TWire, TModel>(TWire?[]? list, Func<TWire, TModel?> toModel)
        where TWire : class
        where TModel : class
    {
        if (list is null || list.Length == 0)
        {
            return [];
        }

        var models = new List<TModel>(list.Length);
        foreach (var item in list)
        {
            if (item is not null && toModel(item) is { } model)
            {
                models.Add(model);
            }
        }

        return models.ToArray();
    }

    /// <summary>A state this version does not know is not a reason to send traffic: it counts as critical.</summary>
    public static ConsulHealth Health(string? status) => status switch
    {
        "passing" => ConsulHealth.Passing,
        "warning" => ConsulHealth.Warning,
        _ => ConsulHealth.Critical,
    };

    public static string Health(ConsulHealth status) => status switch
    {
        ConsulHealth.Passing => "passing",
        ConsulHealth.Warning => "warning",
        ConsulHealth.Critical => "critical",
        _ => throw new ArgumentOutOfRangeException(nameof(status), status, "Unknown state."),
    };

    /// <summary>Older and newer versions leave out what is empty, or write it as an empty text.</summary>
    public static string? Text(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>A word this version does not know is not a reason to let anybody in.</summary>
    public static IntentionAction Action(string? action) =>
        action == "allow" ? IntentionAction.Allow : IntentionAction.Deny;
}
