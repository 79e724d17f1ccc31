using System.Text.Json.Serialization;
using Mesh.ConfigServer.Documents;
using Mesh.ConfigServer.Editing;
using Mesh.ConfigServer.Wire;

namespace Mesh.ConfigServer;

/// <summary>
/// The source-generated JSON of what is the desk's own; what it exchanges with clients is in Mesh.Policy.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(DocumentFileWire))]
[JsonSerializable(typeof(DocumentWire))]
[JsonSerializable(typeof(HistoryWire))]
[JsonSerializable(typeof(DiffWire))]
[JsonSerializable(typeof(WriteAnswerWire))]
[JsonSerializable(typeof(DoorListWire))]
[JsonSerializable(typeof(RollbackRequest))]
internal sealed partial class DeskJson : JsonSerializerContext;
