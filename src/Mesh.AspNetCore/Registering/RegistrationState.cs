using Mesh.Consul;

namespace Mesh.AspNetCore.Registering;

/// <summary>Remembers how this instance stands with Consul. Written by the registration alone, read by anyone.</summary>
internal sealed class RegistrationState(TimeProvider time)
{
    private volatile RegistrationSight _sight = new();

    public RegistrationSight Sight => _sight;

    /// <summary>The application's ready checks were asked.</summary>
    public void Checked(ReadyState ready) => _sight = _sight with { Check = Word(ready.Health) };

    /// <summary>Something began.</summary>
    public void Enter(string state, string? id)
    {
        var now = time.GetTimestamp();
        _sight = _sight with
        {
            State = state,
            Id = id,
            Since = _sight.State == state ? _sight.Since : now,
        };
    }

    /// <summary>Consul took a word from this process.</summary>
    public void Heard() => _sight = _sight with { HeardAt = time.GetTimestamp(), Problem = null };

    /// <summary>Consul could not be told.</summary>
    public void Failed(string problem) => _sight = _sight with { Problem = problem };

    private static string Word(ConsulHealth health) => health switch
    {
        ConsulHealth.Passing => "passing",
        ConsulHealth.Warning => "warning",
        _ => "critical",
    };
}
