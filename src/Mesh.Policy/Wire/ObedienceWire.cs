namespace Mesh.Policy;

/// <summary>How many of the clients that a document concerns would obey all of it.</summary>
public sealed record ObedienceWire
{
    /// <summary>Clients that report to this desk and that the document concerns.</summary>
    public required int Connected { get; init; }

    /// <summary>Those of them that would leave out a part of it.</summary>
    public required int Unable { get; init; }

    /// <summary>Those that do not say what they understand, because they are of an older version.</summary>
    public required int Silent { get; init; }

    /// <summary>The unable ones by service, version and library.</summary>
    public IReadOnlyList<UnableClientsWire> Groups { get; init => field = value ?? []; } = [];
}
