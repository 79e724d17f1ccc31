var builder = WebApplication.CreateBuilder(args);
builder.Services.AddMesh(o => o.Service = "greeter").AddServer();

var app = builder.Build();
app.MapGet("/hello/{name}", (string name) => $"Hello {name}, from process {Environment.ProcessId}\n");
app.Run();
