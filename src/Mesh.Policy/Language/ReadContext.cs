namespace Mesh.Policy.Language;

/// <summary>Collects what is found while one document is read.</summary>
internal sealed class ReadContext(ReadOptions options)
{
    private readonly List<PolicyProblem> _problems = [];
    private readonly List<PolicyProblem> _ignored = [];
    private readonly Dictionary<object, string> _places = new(ReferenceEqualityComparer.Instance);

    public IReadOnlyList<PolicyProblem> Problems => _problems;

    /// <summary>
    /// The document is written for a later schema and read by a client: values that would be wrong here may be right
    /// there, so they are not understood rather than wrong. What lies between values is judged as ever.
    /// </summary>
    public bool IsOfLaterSchema { get; set; }

    /// <summary>Whoever reads wants to know of everything that is not understood, and takes nothing then.</summary>
    public bool IsStrict => options == ReadOptions.Strict;

    public IReadOnlyList<PolicyProblem> Ignored => _ignored;

    /// <summary>Remembers where an entry of a list stood: left out ones shift the positions of those behind.</summary>
    public void Place(object entry, string path) => _places[entry] = path;

    /// <summary>Where an entry of a list stood in the document.</summary>
    public string PlaceOf(object entry) => _places[entry];

    /// <summary>Something is understood and wrong: the document will be refused.</summary>
    public ReadOutcome Refuse(
        string path,
        string code,
        string message,
        string? value = null,
        string? bound = null,
        string? suggestion = null)
    {
        if (IsOfLaterSchema && MayBeRightLater(code))
        {
            return LeaveOut(path, code, message, value, bound, suggestion);
        }

        Add(_problems, new PolicyProblem(path, code, message, value, bound, suggestion));
        return ReadOutcome.Refused;
    }

    /// <summary>Something is not understood: a problem for an author, left out by a client.</summary>
    public ReadOutcome NotUnderstood(
        string path,
        string code,
        string message,
        string? value = null,
        string? bound = null,
        string? suggestion = null)
    {
        if (options == ReadOptions.Strict)
        {
            return Refuse(path, code, message, value, bound, suggestion);
        }

        return LeaveOut(path, code, message, value, bound, suggestion);
    }

    /// <summary>Something is left out without a harm.</summary>
    public ReadOutcome LeaveOut(
        string path,
        string code,
        string message,
        string? value = null,
        string? bound = null,
        string? suggestion = null)
    {
        Add(_ignored, new PolicyProblem(path, code, message, value, bound, suggestion));
        return ReadOutcome.Ignored;
    }

    /// <summary>The value has another JSON type than the language wants there.</summary>
    public ReadOutcome WrongType(PolicyNode node, string path, string wanted, string? suggestion = null) => Refuse(
        path,
        ProblemCodes.WrongType,
        node.Kind == NodeKind.Null
            ? $"{wanted.ToSentence()} is expected here, not null; leave the field out to keep what is inherited."
            : $"{wanted.ToSentence()} is expected here, not {node.Described()}.",
        node.Shown(),
        wanted,
        suggestion);

    public PolicyReadResult<T> ToResult<T>(T? document)
        where T : class => new(document, _problems, _ignored);

    /// <summary>Codes of single values. A conflict, a sum or a reference is as wrong in any schema.</summary>
    private static bool MayBeRightLater(string code) => code is ProblemCodes.WrongType or ProblemCodes.WrongLength or
        ProblemCodes.OutOfRange or ProblemCodes.InvalidFormat or ProblemCodes.InvalidRegex or ProblemCodes.MissingField;

    private static void Add(List<PolicyProblem> list, PolicyProblem problem)
    {
        if (list.Count < PolicyLimits.Problems)
        {
            list.Add(problem);
        }
        else if (list.Count == PolicyLimits.Problems)
        {
            list.Add(new PolicyProblem(
                "",
                ProblemCodes.TooManyProblems,
                $"There are more than {PolicyLimits.Problems}; the rest is not listed."));
        }
    }
}
