using Shop.Common;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh().AddServer();
builder.Services.AddHttpClient("inventory", c => c.BaseAddress = new("http://inventory"));
builder.Services.AddHttpClient("orders", c => c.BaseAddress = new("http://orders"));
builder.AddShop();

var app = builder.Build();
app.UseShop();

app.MapGet("/products/{name}", async (string name, IHttpClientFactory clients, CancellationToken aborted) =>
    await clients.CreateClient("inventory").GetFromJsonAsync(
        $"/products/{Uri.EscapeDataString(name)}", ShopJson.Default.Product, aborted));
app.MapPost("/checkout", async (Checkout checkout, HttpRequest request, IHttpClientFactory clients) =>
{
    using var order = new HttpRequestMessage(HttpMethod.Post, "/orders")
    {
        Content = JsonContent.Create(checkout, ShopJson.Default.Checkout),
    };
    order.Headers.Add("Idempotency-Key", request.Headers["Idempotency-Key"].ToString());
    using var answer = await clients.CreateClient("orders").SendAsync(order, request.HttpContext.RequestAborted);
    return answer.IsSuccessStatusCode
        ? Results.Ok(await answer.Content.ReadFromJsonAsync(ShopJson.Default.Order))
        : Results.StatusCode((int)answer.StatusCode);
});
app.Run();
