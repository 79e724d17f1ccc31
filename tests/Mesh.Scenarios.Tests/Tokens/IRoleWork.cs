namespace Mesh.Scenarios.Tests.Tokens;

/// <summary>Somebody who does with a Consul token what the token's role is for.</summary>
internal interface IRoleWork : IAsyncDisposable
{
    /// <summary>What it does, each by a name.</summary>
    IReadOnlyList<string> Names { get; }

    /// <summary>Whether this works now.</summary>
    Task<bool> WorksAsync(string name);

    /// <summary>What it says of itself: health, log, or the error it got.</summary>
    Task<string> SaidAsync();
}
