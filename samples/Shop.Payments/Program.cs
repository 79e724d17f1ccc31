using Shop.Common;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh().AddServer();
builder.AddShop();

var app = builder.Build();
app.UseShop();
var ledger = app.OpenLedger("payments");

app.MapUnary("/shop.Payments/Charge", ShopJson.Default.Charge, ShopJson.Default.Receipt, (charge, context) =>
{
    var key = context.Request.Headers["idempotency-key"].ToString();
    return Task.FromResult(new Receipt(charge.Checkout, Repeated: !ledger.Book(key, charge.Checkout)));
});
app.Run();
