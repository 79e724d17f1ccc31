namespace Mesh.Client.Attempts;

/// <summary>What a call knows when an attempt of it failed.</summary>
internal readonly record struct RetryFacts
{
    /// <summary>The route's rule.</summary>
    public required RetryPlan Plan { get; init; }

    /// <summary>Attempts so far that count against the rule's maximum.</summary>
    public required int Counted { get; init; }

    /// <summary>Attempts so far that were repeated for nothing, because they were not sent or not processed.</summary>
    public required int Free { get; init; }

    /// <summary>Repeating the request is safe: by its method, its mark or its key.</summary>
    public required bool Repeatable { get; init; }

    /// <summary>Somebody else retries, or the caller does not want it: only what provably did not happen is repeated.</summary>
    public required bool ProvenOnly { get; init; }

    /// <summary>The body can be sent again.</summary>
    public required bool BodyAtHand { get; init; }

    /// <summary>The group has an endpoint this call has not tried.</summary>
    public required bool OthersLeft { get; init; }

    /// <summary>What is left of the call's deadline.</summary>
    public required TimeSpan? Left { get; init; }
}
