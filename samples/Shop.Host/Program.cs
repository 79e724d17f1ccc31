using System.CommandLine;
using System.Runtime.InteropServices;
using Shop.Host;

var duration = new Option<string?>("--for") { Description = "How long the load runs, e.g. 30s or 2m; until Ctrl-C if not given." };
var json = new Option<bool>("--json") { Description = "No table; one JSON line at the end." };
var chaos = new Option<bool>("--chaos") { Description = "Kill, stop, mislead and restart things under load." };
var without = new Option<string?>("--without") { Description = "A negative control: mesh, mtls, retry, lastgood, eject or drain." };
var rate = new Option<int>("--rate") { Description = "Requests per second.", DefaultValueFactory = _ => 200 };
var seed = new Option<int>("--seed") { Description = "Seeds what is drawn.", DefaultValueFactory = _ => 1 };
without.AcceptOnlyFromAmong("mesh", "mtls", "retry", "lastgood", "eject", "drain");

var command = new RootCommand("An e-commerce shop on Mesh: everything in one command.") { duration, json, chaos, without, rate, seed };
command.SetAction(async (arguments, cancellationToken) =>
{
    using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
    using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, c => Cancel(c, stop));
    using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, c => Cancel(c, stop));
    var options = new ShopOptions
    {
        For = Durations.Parse(arguments.GetValue(duration)),
        Json = arguments.GetValue(json),
        Chaos = arguments.GetValue(chaos),
        Without = arguments.GetValue(without),
        Rate = arguments.GetValue(rate),
        Seed = arguments.GetValue(seed),
    };
    try
    {
        return await ShopRun.RunAsync(options, stop.Token);
    }
    catch (OperationCanceledException error) when (!stop.IsCancellationRequested)
    {
        // The command line would take it for an interruption, and say nothing.
        await Console.Error.WriteLineAsync($"Something did not answer in time: {error}");
        return 1;
    }
});
return await command.Parse(args).InvokeAsync();

static void Cancel(PosixSignalContext context, CancellationTokenSource stop)
{
    context.Cancel = true;
    stop.Cancel();
}
