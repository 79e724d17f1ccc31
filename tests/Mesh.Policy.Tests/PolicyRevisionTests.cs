namespace Mesh.Policy.Tests;

public sealed class PolicyRevisionTests
{
    [Fact]
    public void Hash_OfBytes_IsTheBeginningOfTheirSha256()
    {
        Assert.Equal("e3b0c44298fc1c14", PolicyRevision.HashOf([]));
        Assert.Equal("ba7816bf8f01cfea", PolicyRevision.HashOf("abc"u8));
    }

    [Fact]
    public void Revisions_OfTheSameContentAtAnotherIndex_Differ() =>
        Assert.NotEqual(new PolicyRevision("dc1", 1, "ab"), new PolicyRevision("dc1", 2, "ab"));

    [Fact]
    public void HashOfASet_DependsOnKeysAndContentsAlone()
    {
        static PolicyDocumentWire Document(PolicyKey key, ulong index, string hash) => new()
        {
            Key = key, Revision = new PolicyRevision("dc1", index, hash), Body = "", State = PolicyDocumentState.Accepted,
        };

        var a = Document(PolicyKey.GlobalTraffic, 1, "aa");
        var b = Document(PolicyKey.TrafficTo("orders"), 2, "bb");
        var hash = PolicySnapshotWire.HashOf([a, b]);

        Assert.Equal(hash, PolicySnapshotWire.HashOf([b, Document(PolicyKey.GlobalTraffic, 9, "aa")]));
        Assert.NotEqual(hash, PolicySnapshotWire.HashOf([a, Document(PolicyKey.TrafficTo("orders"), 2, "bc")]));
        Assert.NotEqual(hash, PolicySnapshotWire.HashOf([a]));
        Assert.Matches("^[0-9a-f]{16}$", hash);
    }
}
