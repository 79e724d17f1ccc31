using GrpcSample.Server;
using Microsoft.AspNetCore.Server.Kestrel.Core;

var builder = WebApplication.CreateBuilder(args);
builder.WebHost.ConfigureKestrel(k => k.ConfigureEndpointDefaults(e => e.Protocols = HttpProtocols.Http2));
builder.Services.AddMesh(o => o.Service = "pricing").AddServer();
builder.Services.AddGrpc();

var app = builder.Build();
app.MapGrpcService<PricingService>();
app.Run();
