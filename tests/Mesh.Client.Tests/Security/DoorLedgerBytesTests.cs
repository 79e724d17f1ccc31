using Mesh.Client.Security;
using Mesh.Client.Tests.Support;

namespace Mesh.Client.Tests.Security;

/// <summary>It is written on the way of requests.</summary>
[Collection(nameof(AllocationTests))]
public sealed class DoorLedgerBytesTests
{
    private readonly DoorLedger _ledger = new(TimeProvider.System);

    [Fact]
    public void Count_KnownCaller_AllocatesNothing()
    {
        Count();

        var before = GC.GetAllocatedBytesForCurrentThread();
        Count();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private void Count()
    {
        for (var i = 0; i < 2000; i++)
        {
            _ledger.Plaintext("web");
            _ledger.WouldDeny("web", "intention");
        }
    }
}
