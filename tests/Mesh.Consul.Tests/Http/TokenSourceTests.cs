namespace Mesh.Consul.Tests;

public sealed class TokenSourceTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly FakeClock _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Token_WithoutFile_IsWhatWasConfigured()
    {
        Assert.Null(new TokenSource(null, null, _clock).Current());
        Assert.Equal("t", new TokenSource("t", null, _clock).Current());
    }

    [Fact]
    public void TokenFile_Changed_IsReadAgainWithinASecond()
    {
        var source = new TokenSource("configured", _folder.Write("token", " first\n"), _clock);
        Assert.Equal("first", source.Current());

        _folder.Write("token", "second");
        Assert.Equal("first", source.Current());
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("second", source.Current());
    }

    [Fact]
    public void TokenFile_ReplacedThroughALink_IsReadAgain()
    {
        _folder.Write("one", "first");
        _folder.Write("two", "other");
        File.CreateSymbolicLink(_folder.File("token"), _folder.File("one"));
        var source = new TokenSource(null, _folder.File("token"), _clock);
        Assert.Equal("first", source.Current());

        File.Delete(_folder.File("token"));
        File.CreateSymbolicLink(_folder.File("token"), _folder.File("two"));
        _clock.Advance(TimeSpan.FromSeconds(1));

        Assert.Equal("other", source.Current());
    }

    [Theory]
    [InlineData("")]
    [InlineData("  \n")]
    [InlineData("two words")]
    [InlineData("ends in \0\0")]
    [InlineData("not-ascii-é")]
    public void TokenFile_HalfWritten_KeepsTheLastToken(string content)
    {
        var source = new TokenSource(null, _folder.Write("token", "first"), _clock);
        Assert.Equal("first", source.Current());

        _folder.Write("token", content);
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("first", source.Current());

        File.Delete(_folder.File("token"));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("first", source.Current());
    }

    [Fact]
    public void TokenFile_ThatNeverHeldOne_IsAnErrorNotAnAnonymousCall()
    {
        var source = new TokenSource(null, _folder.File("token"), _clock);
        var missing = Assert.Throws<ConsulException>(source.Current);
        Assert.Contains(_folder.File("token"), missing.Message, StringComparison.Ordinal);

        _folder.Write("token", "");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Throws<ConsulException>(source.Current);
        Assert.Throws<ConsulException>(source.Current);

        _folder.Write("token", "late");
        _clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal("late", source.Current());
    }

    [Fact]
    public void TokenFile_Missing_LeavesTheConfiguredToken() =>
        Assert.Equal("configured", new TokenSource("configured", _folder.File("token"), _clock).Current());
}
