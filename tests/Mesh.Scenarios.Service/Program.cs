using Mesh.Scenarios.Service;

var builder = WebApplication.CreateBuilder(args);
var settings = ServiceSettings.Read(builder.Configuration);
builder.Services.AddSingleton(settings);
builder.Services.AddSingleton<CallLedger>();
builder.Services.AddSingleton<NextHops>();
builder.Services.AddHttpClient(NextHops.Client);
if (settings.Calls)
{
    var mesh = builder.Services.AddMesh();
    if (settings.Serves)
    {
        mesh.AddServer();
    }
}

var app = builder.Build();
app.MapPlain();
app.MapGrpc();
app.Run();
