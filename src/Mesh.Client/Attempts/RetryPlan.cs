using Mesh.Policy;

namespace Mesh.Client.Attempts;

/// <summary>A retry rule compiled: what a call asks is answered by a bit, not by a search.</summary>
internal sealed class RetryPlan
{
    public RetryPlan(RetryRule rule, bool switchedOff) => throw new NotImplementedException();
}
