using Mesh.Testing;
using Microsoft.AspNetCore.Http;

namespace Mesh.Scenarios.Tests.Support;

/// <summary>
/// Stands before a Consul agent and plays what the one at hand does not do: other versions, and servers in trouble.
/// </summary>
internal sealed class ConsulProxy : IAsyncDisposable
{
    private readonly HttpBackend _front;
    private readonly HttpClient _agent;
    private volatile Func<HttpContext, Task<bool>> _plays = _ => Task.FromResult(false);

    private ConsulProxy(HttpBackend front, Uri agent)
    {
        _front = front;
        _agent = new HttpClient(new SocketsHttpHandler { UseProxy = false }) { BaseAddress = agent };
        front.Respond(AnswerAsync);
    }

    public string Address => _front.Address.ToString();

    public static async Task<ConsulProxy> StartAsync(ConsulAgent agent) =>
        new(await HttpBackend.StartAsync(new HttpBackendOptions { Name = "consul-proxy" }), agent.Address);

    /// <summary>From now on asked first: true when it has answered itself.</summary>
    public void Play(Func<HttpContext, Task<bool>> plays) => _plays = plays;

    /// <summary>Every question is answered with this status.</summary>
    public void Fail(int status) => Play(async context =>
    {
        context.Response.StatusCode = status;
        await context.Response.WriteAsync("rpc error making call: No cluster leader");
        return true;
    });

    /// <summary>From now on the agent's own answers.</summary>
    public void Pass() => Play(_ => Task.FromResult(false));

    public async ValueTask DisposeAsync()
    {
        _agent.Dispose();
        await _front.DisposeAsync();
    }

    /// <summary>The agent's answer to a question.</summary>
    public async Task<HttpResponseMessage> AskAsync(HttpContext context)
    {
        var asked = context.Request;
        using var request = new HttpRequestMessage(new HttpMethod(asked.Method), asked.Path + asked.QueryString.ToString());
        if (asked.Headers.TryGetValue("X-Consul-Token", out var token))
        {
            request.Headers.Add("X-Consul-Token", token.ToString());
        }

        if (asked.Method is not "GET")
        {
            request.Content = new StreamContent(asked.Body);
        }

        return await _agent.SendAsync(request, context.RequestAborted);
    }

    private async Task AnswerAsync(HttpContext context)
    {
        if (await _plays(context))
        {
            return;
        }

        using var answer = await AskAsync(context);

        // Whoever was blocked while something else began to be played hears of that.
        if (await _plays(context))
        {
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Where(h => h.Key.StartsWith("X-Consul", StringComparison.OrdinalIgnoreCase)))
        {
            context.Response.Headers[header.Key] = header.Value.First();
        }

        await answer.Content.CopyToAsync(context.Response.Body, context.RequestAborted);
    }
}
