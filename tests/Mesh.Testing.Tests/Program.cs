namespace Mesh.Testing.Tests;

/// <summary>
/// A host with an agent, as a process of its own: what a test kills to see what becomes of the agent.
/// </summary>
internal static class Program
{
    /// <summary>
    /// <c>hold</c> waits to be killed, <c>pause</c> first freezes the agent, <c>exit</c> ends without disposing it.
    /// </summary>
    private static async Task<int> Main(string[] args)
    {
        if (args is not [("hold" or "pause" or "exit") and var what])
        {
            await Console.Error.WriteLineAsync("Tests run with \"dotnet test\".");
            return 2;
        }

        var agent = await ConsulAgent.StartAsync();
        if (what == "pause")
        {
            agent.Pause();
        }

        Console.WriteLine(agent.ProcessId);
        await Console.Out.FlushAsync();
        if (what != "exit")
        {
            await Task.Delay(Timeout.Infinite);
        }

        return 0;
    }
}
