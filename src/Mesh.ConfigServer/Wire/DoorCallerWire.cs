namespace Mesh.ConfigServer.Wire;

/// <summary>Somebody who would break.</summary>
internal sealed record DoorCallerWire
{
    /// <summary>A service or an address; <c>others</c> stands for many.</summary>
    public required string Caller { get; init; }

    /// <summary>The rule that would deny it; <see langword="null"/> for plaintext.</summary>
    public string? Rule { get; init; }

    /// <summary>Requests of the last 24 hours, over all instances.</summary>
    public required long Count { get; init; }

    /// <summary>The last of them, by the desk's clock.</summary>
    public required DateTimeOffset LastSeen { get; init; }

    /// <summary>How many instances it came to.</summary>
    public required int Instances { get; init; }
}
