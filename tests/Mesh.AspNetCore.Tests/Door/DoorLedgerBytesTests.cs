using Mesh.AspNetCore.Door;

namespace Mesh.AspNetCore.Tests.Door;

/// <summary>It is written on the way of requests.</summary>
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
