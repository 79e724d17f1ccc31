namespace Mesh.Client.Telemetry;

/// <summary>
/// What the platform's span of an attempt cannot know by itself; travels in the request's options to
/// <see cref="AttemptPropagator"/> while somebody traces.
/// </summary>
/// <param name="Resends">How often the request was sent before.</param>
/// <param name="Subset">The subset the call goes to.</param>
internal sealed record AttemptTags(int Resends, string? Subset)
{
    public static readonly HttpRequestOptionsKey<AttemptTags> Key = new("mesh.attempt-tags");
}
