using System.Text.Json.Serialization;

namespace Mesh.Consul;

/// <summary>The generated readers and writers of everything that crosses the wire.</summary>
[JsonSourceGenerationOptions(
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    DefaultBufferSize = 64 * 1024,
    Converters = [typeof(SharedStringConverter)])]
[JsonSerializable(typeof(HealthWire))]
[JsonSerializable(typeof(CheckWire))]
[JsonSerializable(typeof(KvWire))]
[JsonSerializable(typeof(Dictionary<string, string[]>))]
[JsonSerializable(typeof(Dictionary<string, ServiceWire>))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(RegistrationWire))]
[JsonSerializable(typeof(CheckUpdateWire))]
[JsonSerializable(typeof(TxnStepWire[]))]
[JsonSerializable(typeof(TxnAnswerWire))]
[JsonSerializable(typeof(AuthorizationWire[]))]
[JsonSerializable(typeof(Dictionary<string, IntentionWire[]>))]
[JsonSerializable(typeof(IntentionCheckWire))]
[JsonSerializable(typeof(ConnectLeafWire))]
[JsonSerializable(typeof(ConnectRootsWire))]
internal sealed partial class ConsulJson : JsonSerializerContext;
