using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Mesh.Consul;

/// <summary>A small JSON body, written before it is sent so that its length is known.</summary>
internal sealed class JsonBody<T> : ByteArrayContent
{
    public JsonBody(T value, JsonTypeInfo<T> type)
        : base(JsonSerializer.SerializeToUtf8Bytes(value, type)) =>
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
}
