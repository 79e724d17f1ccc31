namespace Mesh.Client.Pipeline;

/// <summary>What makes it safe to repeat a request that may have been executed.</summary>
internal enum Repeatability
{
    /// <summary>Nothing: it is not safe.</summary>
    None,

    /// <summary>Its method.</summary>
    Method,

    /// <summary>The application's mark.</summary>
    Mark,

    /// <summary>Its key, on a route for keys.</summary>
    Key,
}
