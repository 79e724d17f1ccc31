using Mesh.ConfigServer.Commands;
using Mesh.ConfigServer.Hosting;
using Microsoft.Extensions.Options;

if (args is ["validate", ..])
{
    return await ValidateCommand.RunAsync(args[1..], Console.Out, Console.Error);
}

try
{
    await DeskApp.Build(args).RunAsync();
    return 0;
}
catch (OptionsValidationException invalid)
{
    foreach (var problem in invalid.Failures)
    {
        Console.Error.WriteLine(problem);
    }

    return 1;
}
