using System.Globalization;
using Mesh.OpenTelemetry.Tests.Otlp;

namespace Mesh.OpenTelemetry.Tests.Support;

/// <summary>Attributes as texts.</summary>
internal static class Texts
{
    public static IReadOnlyDictionary<string, string> Of(IEnumerable<Otlp.Attribute> attributes) =>
        attributes.ToDictionary(a => a.Key, a => Of(a.Value));

    public static string Of(Value? value) => value?.OfCase switch
    {
        Value.OfOneofCase.Text => value.Text,
        Value.OfOneofCase.Number => value.Number.ToString(CultureInfo.InvariantCulture),
        Value.OfOneofCase.Real => value.Real.ToString(CultureInfo.InvariantCulture),
        Value.OfOneofCase.Flag => value.Flag ? "true" : "false",
        _ => "",
    };
}
