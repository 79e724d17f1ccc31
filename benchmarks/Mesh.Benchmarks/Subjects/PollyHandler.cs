using System.Net;
using Polly;
using Polly.CircuitBreaker;
using Polly.Retry;
using Polly.Timeout;

namespace Mesh.Benchmarks.Subjects;

/// <summary>
/// The peer in the same run: Polly.Core's own pipeline of the four strategies that a service needs at least (total
/// timeout, retry, circuit breaker, attempt timeout), called as the platform's resilience handler calls it: pooled
/// context, outcomes instead of exceptions. It finds no endpoint, balances nothing and measures nothing.
/// </summary>
internal sealed class PollyHandler : DelegatingHandler
{
    private static readonly ResiliencePropertyKey<HttpRequestMessage> RequestKey = new("request");

    private readonly ResiliencePipeline<HttpResponseMessage> _pipeline;
    private readonly Func<ResilienceContext, PollyHandler, ValueTask<Outcome<HttpResponseMessage>>> _send;

    public PollyHandler(HttpMessageHandler inner)
        : base(inner)
    {
        _pipeline = CreatePipeline();
        _send = static async (context, handler) =>
        {
            try
            {
                var request = context.Properties.GetValue(RequestKey, null!);
                var response = await handler.SendInnerAsync(request, context.CancellationToken);
                return Outcome.FromResult(response);
            }
            catch (Exception exception)
            {
                return Outcome.FromException<HttpResponseMessage>(exception);
            }
        };
    }

    protected override async Task<HttpResponseMessage> SendAsync(
        HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        context.Properties.Set(RequestKey, request);
        var outcome = await _pipeline.ExecuteOutcomeAsync(_send, context, this);
        ResilienceContextPool.Shared.Return(context);
        outcome.ThrowIfException();
        return outcome.Result!;
    }

    private static ResiliencePipeline<HttpResponseMessage> CreatePipeline() =>
        new ResiliencePipelineBuilder<HttpResponseMessage>()
            .AddTimeout(TimeSpan.FromSeconds(30))
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(IsTransient(arguments.Outcome)),
                BackoffType = DelayBackoffType.Exponential,
                UseJitter = true,
            })
            .AddCircuitBreaker(new CircuitBreakerStrategyOptions<HttpResponseMessage>
            {
                ShouldHandle = static arguments => ValueTask.FromResult(IsTransient(arguments.Outcome)),
            })
            .AddTimeout(TimeSpan.FromSeconds(10))
            .Build();

    private static bool IsTransient(Outcome<HttpResponseMessage> outcome) =>
        outcome.Exception is HttpRequestException or TimeoutRejectedException
        || outcome.Result is { StatusCode: >= HttpStatusCode.InternalServerError
            or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests };

    private Task<HttpResponseMessage> SendInnerAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        base.SendAsync(request, cancellationToken);
}
