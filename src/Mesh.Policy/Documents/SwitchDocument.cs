namespace Mesh.Policy;

/// <summary>What an operator wrote under <c>switches/…</c> in an emergency.</summary>
public sealed record SwitchDocument
{
    /// <summary>True for <c>"mode": "bypass"</c>.</summary>
    public bool Bypass { get; init; }

    /// <summary>Mechanisms turned off one by one.</summary>
    public Mechanisms Off { get; init; }

    /// <summary>
    /// When the switch falls back by itself; <see langword="null"/> means: when the document is deleted.
    /// </summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>Who threw it.</summary>
    public string? By { get; init; }

    /// <summary>Why.</summary>
    public string? Why { get; init; }

    /// <summary>True from <see cref="Until"/> on: the switch has no effect any more.</summary>
    public bool HasFallenBack(DateTimeOffset now) => Until <= now;
}
