namespace Mesh.Policy;

/// <summary>The mechanisms an operator's switch can turn off one by one.</summary>
[Flags]
public enum Mechanisms
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary><c>retry</c>: no call is tried twice.</summary>
    Retry = 1,

    /// <summary><c>hedge</c>: no second request is sent ahead of an answer.</summary>
    Hedge = 2,

    /// <summary><c>eject</c>: no endpoint is taken out for its failures.</summary>
    Eject = 4,

    /// <summary><c>routes</c>: routes, subsets and splits are ignored; every call may go to every endpoint.</summary>
    Routes = 8,

    /// <summary><c>timeouts</c>: deadlines of the mesh are not applied.</summary>
    Timeouts = 16,

    /// <summary><c>limits</c>: concurrency and rate limits are not applied.</summary>
    Limits = 32,

    /// <summary><c>faults</c>: no fault is injected.</summary>
    Faults = 64,

    /// <summary>
    /// <c>balance</c>: endpoints take turns without slow start, whatever algorithm the policy names; the share below
    /// which a service panics stays the policy's.
    /// </summary>
    Balance = 128,
}
