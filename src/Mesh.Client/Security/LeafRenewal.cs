namespace Mesh.Client.Security;

/// <summary>
/// Our own eye on a leaf that somebody else is to renew and to tell us of: should nothing have come by a random time of its
/// life, we ask, and again until something does. So does a process without any.
/// </summary>
/// <param name="keeper">Has the leaf in force.</param>
/// <param name="ask">Asks, and offers what comes to the keeper; throws nothing but cancellation.</param>
/// <param name="time">The clock.</param>
/// <param name="random">Keeps fleets from asking together.</param>
internal sealed class LeafRenewal(
    IdentityKeeper keeper, Func<CancellationToken, Task> ask, TimeProvider time, Random random)
{
    private static readonly TimeSpan LookEvery = TimeSpan.FromMinutes(1);

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        MeshIdentity? planned = null;
        var at = default(DateTimeOffset);
        while (true)
        {
            await Task.Delay(LookEvery, time, cancellationToken).ConfigureAwait(false);
            var current = keeper.Current;
            if (!ReferenceEquals(current?.Certificate, planned?.Certificate))
            {
                planned = current;
                at = current is null ? default : RenewalTime.Of(current, random);
            }

            var now = time.GetUtcNow();
            if (current is not null && now < at)
            {
                continue;
            }

            await ask(cancellationToken).ConfigureAwait(false);
            if (current is not null)
            {
                at = now + RenewalTime.Again(current, now, random);
            }
        }
    }
}
