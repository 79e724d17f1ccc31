using Grpc.Core;
using GrpcSample;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

var builder = Host.CreateApplicationBuilder(args);
builder.Logging.SetMinimumLevel(LogLevel.Warning);
builder.Services.AddMesh(o => o.Service = "pricing-client");
builder.Services.AddGrpcClient<Pricing.PricingClient>(o => o.Address = new("http://pricing"));
using var host = builder.Build();
await host.StartAsync();

var pricing = host.Services.GetRequiredService<Pricing.PricingClient>();
foreach (var product in (string[])["tea", "coffee", "sugar", "milk"])
{
    var quote = await pricing.QuoteAsync(
        new QuoteRequest { Product = product }, deadline: DateTime.UtcNow.AddSeconds(5));
    Console.WriteLine($"unary   {quote.Product} {quote.Price} from {quote.Instance}");
}

using (var watch = pricing.Watch(new WatchRequest { Product = "bread", Times = 3 }))
{
    await foreach (var quote in watch.ResponseStream.ReadAllAsync())
    {
        Console.WriteLine($"stream  {quote.Product} {quote.Price} from {quote.Instance}");
    }
}

using (var chat = pricing.Chat())
{
    foreach (var product in (string[])["salt", "pepper"])
    {
        await chat.RequestStream.WriteAsync(new QuoteRequest { Product = product });
        await chat.ResponseStream.MoveNext();
        var quote = chat.ResponseStream.Current;
        Console.WriteLine($"duplex  {quote.Product} {quote.Price} from {quote.Instance}");
    }

    // The status comes with the end of the responses; a call disposed before it counts as cancelled.
    await chat.RequestStream.CompleteAsync();
    await chat.ResponseStream.MoveNext();
}

try
{
    await pricing.QuoteAsync(new QuoteRequest());
}
catch (RpcException e)
{
    Console.WriteLine($"status  {e.StatusCode}: {e.Status.Detail}");
}

await host.StopAsync();
