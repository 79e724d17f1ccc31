using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Mesh.Consul;

namespace Mesh.Benchmarks.Subjects;

/// <summary>A Consul that answers a health query from memory, through the client's whole path but the socket.</summary>
internal sealed class RecordedConsul : IDisposable
{
    private readonly byte[] _body;
    private readonly ConsulClient _client;

    public RecordedConsul(int instances)
    {
        _body = Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Range(0, instances).Select(Instance))}]");
        _client = new ConsulClient(
            ConsulSettings.Resolve(new ConsulClientOptions(), static _ => null),
            TimeProvider.System,
            new Handler(_body));
    }

    public int Bytes => _body.Length;

    public Task<ConsulResponse<ServiceHealth[]>> ReadAsync() =>
        _client.GetServiceHealthAsync(MeshUnderTest.Service, ConsulQuery.None, CancellationToken.None);

    public void Dispose() => _client.Dispose();

    /// <summary>The fields that Consul 1.8 sends, with the values of an ordinary instance.</summary>
    private static string Instance(int index)
    {
        var address = string.Create(CultureInfo.InvariantCulture, $"10.{index >> 16}.{index >> 8 & 255}.{index & 255}");
        return $$$"""
            {"Node":{"ID":"5a1c3c0e-0000-4000-8000-{{{index:x12}}}","Node":"node-{{{index}}}","Address":"{{{address}}}",
            "Datacenter":"dc1","TaggedAddresses":{"lan":"{{{address}}}","wan":"{{{address}}}"},
            "Meta":{"consul-network-segment":""},"CreateIndex":10,"ModifyIndex":12},
            "Service":{"ID":"orders-{{{index}}}","Service":"orders","Tags":["http","v1"],"Address":"{{{address}}}",
            "TaggedAddresses":{"lan_ipv4":{"Address":"{{{address}}}","Port":8080}},
            "Meta":{"version":"1","zone":"a","mesh-schema":"1","mesh-protocols":"h1,h2"},"Port":8080,
            "Weights":{"Passing":1,"Warning":1},"EnableTagOverride":false,"Proxy":{"MeshGateway":{},"Expose":{}},
            "Connect":{},"CreateIndex":100,"ModifyIndex":120},
            "Checks":[{"Node":"node-{{{index}}}","CheckID":"serfHealth","Name":"Serf Health Status","Status":"passing",
            "Notes":"","Output":"Agent alive and reachable","ServiceID":"","ServiceName":"","ServiceTags":[],"Type":"",
            "Definition":{},"CreateIndex":10,"ModifyIndex":10},
            {"Node":"node-{{{index}}}","CheckID":"service:orders-{{{index}}}","Name":"Service 'orders' check",
            "Status":"passing","Notes":"","Output":"ready","ServiceID":"orders-{{{index}}}","ServiceName":"orders",
            "ServiceTags":["http","v1"],"Type":"ttl","Definition":{},"CreateIndex":100,"ModifyIndex":130}]}
            """;
    }

    private sealed class Handler(byte[] body) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var content = new ByteArrayContent(body);
            content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            var response = new HttpResponseMessage(HttpStatusCode.OK) { Content = content, RequestMessage = request };
            response.Headers.Add("X-Consul-Index", "130");
            return Task.FromResult(response);
        }
    }
}
