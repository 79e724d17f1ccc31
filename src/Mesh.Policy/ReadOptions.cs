namespace Mesh.Policy;

/// <summary>How a document is read: strict for authors, tolerant for fleets.</summary>
public enum ReadOptions
{
    /// <summary>For the desk and for validation: whatever is not understood is a problem.</summary>
    Strict,

    /// <summary>
    /// For clients, which may be older than the document: fields, sections and words that are not understood are left
    /// out and reported in <see cref="PolicyReadResult{T}.Ignored"/>. A value that is understood and wrong still
    /// refuses the document. What narrows is never widened: a route whose condition, or a subset whose selection, is
    /// not understood is left out whole, with whatever refers to it.
    /// </summary>
    Tolerant,
}
