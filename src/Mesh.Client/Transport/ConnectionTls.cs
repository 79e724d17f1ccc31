namespace Mesh.Client.Transport;

/// <summary>How a connection is protected.</summary>
internal enum ConnectionTls
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>The application asked for <c>https</c>: the server is verified by its name.</summary>
    Server,

    /// <summary>Both sides are verified by their identities.</summary>
    Mutual,
}
