using Grpc.Core;

namespace GrpcSample.Server;

/// <summary>Prices that depend on nothing but the product's name.</summary>
internal sealed class PricingService : Pricing.PricingBase
{
    public override Task<QuoteReply> Quote(QuoteRequest request, ServerCallContext context) =>
        string.IsNullOrEmpty(request.Product)
            ? throw new RpcException(new Status(StatusCode.InvalidArgument, "product is empty"))
            : Task.FromResult(Price(request.Product));

    public override async Task Watch(
        WatchRequest request, IServerStreamWriter<QuoteReply> responses, ServerCallContext context)
    {
        for (var i = 0; i < request.Times; i++)
        {
            await responses.WriteAsync(Price(request.Product), context.CancellationToken);
        }
    }

    public override async Task Chat(
        IAsyncStreamReader<QuoteRequest> requests, IServerStreamWriter<QuoteReply> responses, ServerCallContext context)
    {
        await foreach (var request in requests.ReadAllAsync(context.CancellationToken))
        {
            await responses.WriteAsync(Price(request.Product), context.CancellationToken);
        }
    }

    private static QuoteReply Price(string product) =>
        new() { Product = product, Price = product.Length * 1.5, Instance = $"process {Environment.ProcessId}" };
}
