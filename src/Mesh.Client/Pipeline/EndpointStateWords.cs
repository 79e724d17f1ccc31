namespace Mesh.Client.Pipeline;

/// <summary>The words for states of endpoints in metrics and views. They are stable.</summary>
internal static class EndpointStateWords
{
    private static readonly string[] Words = ["ready", "suspect", "ejected", "returning", "critical", "maintenance", "insecure"];

    /// <summary>Every state, in the order of the values.</summary>
    public static IReadOnlyList<EndpointState> All { get; } = Enum.GetValues<EndpointState>();

    public static string Word(this EndpointState state) => Words[(int)state];
}
