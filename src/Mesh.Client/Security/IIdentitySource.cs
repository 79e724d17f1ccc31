namespace Mesh.Client.Security;

/// <summary>Obtains certificates and renews them.</summary>
internal interface IIdentitySource
{
    /// <summary>A word for metrics and logs: <c>consul</c>, <c>files</c>, <c>development</c>.</summary>
    string Name { get; }

    /// <summary>
    /// Offers what it obtains to the keeper, and tells it what fails, until cancelled. What it throws beside is a defect, after
    /// which it is run again.
    /// </summary>
    Task RunAsync(IdentityKeeper keeper, CancellationToken cancellationToken);
}
