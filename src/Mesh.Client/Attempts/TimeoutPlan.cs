using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>A timeout rule compiled.</summary>
internal sealed class TimeoutPlan
{
    public TimeoutPlan(TimeoutRule rule, bool switchedOff) => throw new NotImplementedException();
}
