using System.Text.Json.Serialization;

namespace Mesh.Policy;

/// <summary>
/// The source-generated JSON of everything desk and clients exchange: camel case, nothing written for null, members
/// of a newer version skipped.
/// </summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip)]
[JsonSerializable(typeof(PolicySnapshotWire))]
[JsonSerializable(typeof(PolicyEvent))]
[JsonSerializable(typeof(PolicyListWire))]
[JsonSerializable(typeof(ClientReport))]
[JsonSerializable(typeof(ClientListWire))]
[JsonSerializable(typeof(ValidateRequest))]
[JsonSerializable(typeof(ValidateResponse))]
[JsonSerializable(typeof(SwitchWire))]
[JsonSerializable(typeof(ObedienceWire))]
[JsonSerializable(typeof(IReadOnlyList<PolicyProblem>))]
public sealed partial class MeshWireJson : JsonSerializerContext;
