using Shop.Common;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh().AddServer();
builder.Services.AddHttpClient("inventory", c => c.BaseAddress = new("http://inventory"));
builder.Services.AddHttpClient("payments", c => c.BaseAddress = new("http://payments"));
builder.AddShop();

var app = builder.Build();
app.UseShop();
var ledger = app.OpenLedger("orders");

app.MapPost("/orders", async (Checkout checkout, HttpRequest request, IHttpClientFactory clients) =>
{
    var key = request.Headers["Idempotency-Key"].ToString();
    if (key.Length == 0)
    {
        return Results.BadRequest("A checkout needs an Idempotency-Key.");
    }

    var aborted = request.HttpContext.RequestAborted;
    var reserved = await clients.CreateClient("inventory")
        .PutAsJsonAsync($"/reservations/{Uri.EscapeDataString(key)}", checkout, ShopJson.Default.Checkout, aborted);
    reserved.EnsureSuccessStatusCode();
    await clients.CreateClient("payments").CallUnaryAsync(
        "/shop.Payments/Charge", new Charge(checkout.Id, 9.90m * checkout.Quantity),
        ShopJson.Default.Charge, ShopJson.Default.Receipt, key, aborted);
    return Results.Ok(new Order(checkout.Id, "booked", Repeated: !ledger.Book(key, checkout.Id)));
});
app.Run();
