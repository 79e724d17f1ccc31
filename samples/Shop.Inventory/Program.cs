using Shop.Common;

var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh().AddServer();
builder.AddShop();

var app = builder.Build();
app.UseShop();
var version = app.Configuration["Mesh:Version"] ?? "1";
var ledger = app.OpenLedger("reservations");

app.MapGet("/products/{name}", (string name) => new Product(name, 100 - name.Length, version));
app.MapPut("/reservations/{key}", (string key, Checkout checkout) =>
    new Order(checkout.Id, "reserved", Repeated: !ledger.Book(key, checkout.Id)));
app.Run();
