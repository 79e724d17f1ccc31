namespace Mesh.Policy.Language;

/// <summary>What reading one value gave.</summary>
internal enum ReadOutcome
{
    /// <summary>A value.</summary>
    Read,

    /// <summary>None: it is wrong, and the document will be refused.</summary>
    Refused,

    /// <summary>None: it is not understood and has been left out.</summary>
    Ignored,
}
