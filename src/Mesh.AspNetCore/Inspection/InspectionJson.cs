using System.Text.Json;
using System.Text.Json.Serialization;
using Mesh.AspNetCore.Inspection.Explaining;
using Mesh.AspNetCore.Inspection.Views;

namespace Mesh.AspNetCore.Inspection;

/// <summary>How views are written. Members that say nothing are left out.</summary>
[JsonSourceGenerationOptions(
    JsonSerializerDefaults.Web,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    WriteIndented = true)]
[JsonSerializable(typeof(ProcessView))]
[JsonSerializable(typeof(Explanation))]
[JsonSerializable(typeof(ExplainRequest))]
internal sealed partial class InspectionJson : JsonSerializerContext;
