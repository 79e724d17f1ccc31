var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh(o => o.Service = "hello").AddServer();
builder.Services.AddHttpClient("greeter", c => c.BaseAddress = new("http://greeter"));

var app = builder.Build();
app.MapGet("/", async (IHttpClientFactory clients) =>
    await clients.CreateClient("greeter").GetStringAsync("/hello/world"));
app.MapMesh();
app.Run();
