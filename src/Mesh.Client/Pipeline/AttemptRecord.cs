using System.Globalization;
using Mesh.Client.Attempts;

namespace Mesh.Client.Pipeline;

/// <summary>An attempt as failure messages and spans tell it.</summary>
internal readonly record struct AttemptRecord(MeshEndpoint Endpoint, AttemptOutcome Outcome, TimeSpan Took, string? Detail)
{
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Endpoint.Host}:{Endpoint.Port} {Outcome.Word()} after {Took.TotalMilliseconds:0.#} ms" +
        $"{(Detail is null ? "" : ": ")}{Detail}");
}
